#include "sluice/data/type.h"

#include <gtest/gtest.h>

namespace sluice::data {
namespace {

TEST(Type, SurvivesItsTextAndDuckdbName) {
  for (const char* text :
       {"boolean", "int", "long", "float", "double", "date", "time", "timestamp", "timestamptz",
        "string", "uuid", "binary", "decimal(9, 2)", "decimal(38, 0)"}) {
    const auto type = parse_type(text);
    ASSERT_TRUE(type.ok()) << text;
    EXPECT_EQ(to_text(*type), text);
    EXPECT_EQ(*type_from_duckdb(duckdb_name(*type)), *type);
  }
  EXPECT_EQ(to_text(*parse_type("fixed[16]")), "fixed[16]");
  EXPECT_EQ(*parse_type("decimal(9,2)"), decimal_type(9, 2));
}

TEST(Type, WidensWhatATableHasNoEqualFor) {
  EXPECT_EQ(type_from_duckdb("HUGEINT")->precision, 38);
  EXPECT_EQ(*type_from_duckdb("UBIGINT"), decimal_type(20, 0));
  EXPECT_EQ(type_from_duckdb("SMALLINT")->kind, TypeKind::kInt);
  EXPECT_EQ(type_from_duckdb("UINTEGER")->kind, TypeKind::kLong);
  EXPECT_EQ(type_from_duckdb("ENUM('a', 'b')")->kind, TypeKind::kString);
  EXPECT_EQ(type_from_duckdb("JSON")->kind, TypeKind::kString);
  EXPECT_EQ(type_from_duckdb("TIMESTAMP WITH TIME ZONE")->kind, TypeKind::kTimestamptz);
}

TEST(Type, RefusesWhatNoTableMayHold) {
  for (const char* name : {"INTERVAL", "BIT", "UNION(a INTEGER)", "UHUGEINT", "DECIMAL(39,0)"}) {
    EXPECT_EQ(type_from_duckdb(name).error().kind, base::ErrorKind::kUnsupported) << name;
  }
  EXPECT_EQ(parse_type("timestamp_ns").error().kind, base::ErrorKind::kUnsupported);
  EXPECT_EQ(parse_type("integer").error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(parse_type("decimal(39, 0)").error().kind, base::ErrorKind::kInvalidInput);
}

TEST(Type, WidensInPlaceOnlyAsTheSpecAllows) {
  EXPECT_TRUE(can_widen({TypeKind::kInt}, {TypeKind::kLong}));
  EXPECT_FALSE(can_widen({TypeKind::kLong}, {TypeKind::kInt}));
  EXPECT_TRUE(can_widen(decimal_type(9, 2), decimal_type(12, 2)));
  EXPECT_FALSE(can_widen(decimal_type(9, 2), decimal_type(12, 3)));
  EXPECT_FALSE(can_widen({TypeKind::kInt}, {TypeKind::kString}));
}

}  // namespace
}  // namespace sluice::data
