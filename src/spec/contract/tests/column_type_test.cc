#include "sluice/contract/internal/column_type.h"

#include <gtest/gtest.h>

namespace sluice::contract::internal {
namespace {

/// Resolves and writes the outcome: the type, its declared bounds, or what is wrong.
std::string resolved(std::string logical, std::string physical = "", std::string format = "",
                     bool with_timezone = false) {
  TypeProblem problem;
  const auto column = resolve_type(
      {std::move(logical), std::move(physical), std::move(format), with_timezone}, problem);
  if (!column) {
    return std::string(problem.key) + ": " + problem.message;
  }
  std::string text = data::to_text(column->type);
  if (column->minimum) {
    text += " " + column->minimum->value + ".." + column->maximum->value;
  }
  if (column->length_max) {
    text += " <=" + std::to_string(*column->length_max);
  }
  return text;
}

TEST(ColumnType, FollowsTheLogicalTypeWhenNothingElseIsSaid) {
  EXPECT_EQ(resolved("string"), "string");
  EXPECT_EQ(resolved("integer"), "long");
  EXPECT_EQ(resolved("number"), "double");
  EXPECT_EQ(resolved("boolean"), "boolean");
  EXPECT_EQ(resolved("date"), "date");
  EXPECT_EQ(resolved("time"), "time");
  EXPECT_EQ(resolved("timestamp"), "timestamp");
  EXPECT_EQ(resolved("timestamp", "", "", true), "timestamptz");
}

TEST(ColumnType, FollowsThePhysicalTypeFirst) {
  EXPECT_EQ(resolved("integer", "INT"), "int");
  EXPECT_EQ(resolved("integer", "bigint"), "long");
  EXPECT_EQ(resolved("integer", "decimal(20)"), "decimal(20, 0)");
  EXPECT_EQ(resolved("number", "DECIMAL(9, 2)"), "decimal(9, 2)");
  EXPECT_EQ(resolved("number", "real"), "float");
  EXPECT_EQ(resolved("timestamp", "timestamptz"), "timestamptz");
  EXPECT_EQ(resolved("timestamp", "TIMESTAMP(6) WITH TIME ZONE"), "timestamptz");
  EXPECT_EQ(resolved("date", "timestamp"), "timestamp");
  EXPECT_EQ(resolved("", "varchar"), "string");
  EXPECT_EQ(resolved("string", "uuid"), "uuid");
}

TEST(ColumnType, KeepsWhatADeclaredWidthPromises) {
  EXPECT_EQ(resolved("integer", "smallint"), "int -32768..32767");
  EXPECT_EQ(resolved("integer", "", "u8"), "int 0..255");
  EXPECT_EQ(resolved("integer", "", "u64"), "decimal(20, 0) 0..18446744073709551615");
  EXPECT_EQ(resolved("string", "varchar(9)"), "string <=9");
  EXPECT_EQ(resolved("integer", "", "i32"), "int");
  EXPECT_EQ(resolved("number", "", "f32"), "float");
}

TEST(ColumnType, NamesWhatCannotBe) {
  EXPECT_EQ(resolved("vector"), "logicalType: logicalType 'vector' is not built yet");
  EXPECT_EQ(resolved("integer", "geometry"),
            "physicalType: physicalType 'geometry' is no type that a table may have");
  EXPECT_EQ(resolved("integer", "varchar"),
            "physicalType: physicalType 'varchar' does not store logicalType 'integer'");
  EXPECT_EQ(resolved("integer", "decimal(9,2)"),
            "physicalType: physicalType 'decimal(9,2)' does not store logicalType 'integer'");
  for (const char* text : {"decimal", "decimal(0,0)", "decimal(39,2)", "decimal(5,6)", "decimal(a)",
                           "decimal(9,2", "int(11)", "timestamp(3)", "varchar(0)"}) {
    const std::string logical;
    EXPECT_EQ(resolved(logical, text),
              "physicalType: physicalType '" + std::string(text) + "' cannot be executed");
  }
  EXPECT_EQ(resolved("integer", "", "i128"),
            "format: format 'i128' of type integer cannot be executed");
  EXPECT_EQ(resolved("number", "", "i32"),
            "format: format 'i32' of type number cannot be executed");
  EXPECT_EQ(resolved(""), "name: the property has neither logicalType nor physicalType");
}

}  // namespace
}  // namespace sluice::contract::internal
