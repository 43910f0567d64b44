#include "sluice/engine/staged_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sluice/lake/bounds.h"

namespace sluice::engine {
namespace {

using data::Type;
using data::TypeKind;

struct OneColumn {
  data::Schema schema;
  job::StagedFile staged;
};

OneColumn one_column(Type type, std::optional<std::string> min, std::optional<std::string> max) {
  OneColumn table;
  table.schema.fields = {{7, "c", type, false, ""}};
  table.staged = {"/t/x.parquet", 10, 999, 100, {}, {}};
  table.staged.columns = {{7, "c", 80, 10, 2, std::move(min), std::move(max), false}};
  return table;
}

lake::DataFile convert(const OneColumn& table) {
  auto file = to_data_file(table.staged, table.schema, {});
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.error().message);
  return file.ok() ? std::move(file).value() : lake::DataFile{};
}

TEST(StagedFile, BecomesADataFileWithStatisticsByFieldId) {
  const lake::DataFile file =
      convert(one_column(Type{TypeKind::kLong}, "-5", "9223372036854775807"));
  EXPECT_EQ(file.path, "file:///t/x.parquet");
  EXPECT_EQ(file.record_count, 10);
  EXPECT_EQ(file.file_size_bytes, 999);
  EXPECT_EQ(file.column_sizes.at(7), 80);
  EXPECT_EQ(file.value_counts.at(7), 10);
  EXPECT_EQ(file.null_value_counts.at(7), 2);
  EXPECT_EQ(*lake::decode_value(file.lower_bounds.at(7), Type{TypeKind::kLong}),
            data::Value(std::int64_t{-5}));
  EXPECT_EQ(*lake::decode_value(file.upper_bounds.at(7), Type{TypeKind::kLong}),
            data::Value(std::numeric_limits<std::int64_t>::max()));
}

TEST(StagedFile, ReencodesTheTextOfEveryTypeThatHasBounds) {
  const std::pair<Type, const char*> cases[] = {
      {Type{TypeKind::kBoolean}, "true"},
      {Type{TypeKind::kInt}, "-2147483648"},
      {Type{TypeKind::kFloat}, "1.5"},
      {Type{TypeKind::kDouble}, "-inf"},
      {data::decimal_type(38, 4), "-123456789012345678901234567890.1234"},
      {Type{TypeKind::kDate}, "1969-12-31"},
      {Type{TypeKind::kTime}, "23:59:59.999999"},
      {Type{TypeKind::kTimestamp}, "2013-01-01 05:00:00.5"},
      {Type{TypeKind::kTimestamptz}, "2013-01-01 05:00:00+00"},
      {Type{TypeKind::kString}, "short"},
      {Type{TypeKind::kUuid}, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
  };
  for (const auto& [type, text] : cases) {
    const lake::DataFile file = convert(one_column(type, text, text));
    ASSERT_TRUE(file.lower_bounds.contains(7)) << data::to_text(type);
    EXPECT_EQ(*lake::decode_value(file.lower_bounds.at(7), type), *data::parse_value(text, type))
        << data::to_text(type);
    EXPECT_EQ(file.lower_bounds, file.upper_bounds);
  }
}

TEST(StagedFile, CutsLongTextSoThatItStillCovers) {
  const std::string text = "abcdefghijklmnopqrstuvwxyz";
  const lake::DataFile file = convert(one_column(Type{TypeKind::kString}, text, text));
  EXPECT_EQ(file.lower_bounds.at(7), "abcdefghijklmnop");
  EXPECT_EQ(file.upper_bounds.at(7), "abcdefghijklmnoq");
}

TEST(StagedFile, CoversBothZeros) {
  const Type type{TypeKind::kDouble};
  const lake::DataFile file = convert(one_column(type, "0.0", "-0.0"));
  EXPECT_TRUE(std::signbit(std::get<double>(*lake::decode_value(file.lower_bounds.at(7), type))));
  EXPECT_FALSE(std::signbit(std::get<double>(*lake::decode_value(file.upper_bounds.at(7), type))));
}

TEST(StagedFile, LeavesOutBoundsThatAreNotSafe) {
  for (const auto& table : {one_column(Type{TypeKind::kDouble}, "nan", "nan"),
                            one_column(Type{TypeKind::kBinary}, "\\xFF", "\\xFF"),
                            one_column(Type{TypeKind::kLong}, std::nullopt, std::nullopt)}) {
    const lake::DataFile file = convert(table);
    EXPECT_TRUE(file.lower_bounds.empty());
    EXPECT_TRUE(file.upper_bounds.empty());
    EXPECT_EQ(file.value_counts.at(7), 10);
  }
}

TEST(StagedFile, IsRefusedWhenItsTextIsNoValueOfTheColumn) {
  const OneColumn table = one_column(Type{TypeKind::kInt}, "many", "9");
  const auto file = to_data_file(table.staged, table.schema, {});
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().kind, base::ErrorKind::kInternal);
  EXPECT_NE(file.error().message.find("column c"), std::string::npos);
}

TEST(StagedFile, IsRefusedWhenTheTableLacksItsColumn) {
  OneColumn table = one_column(Type{TypeKind::kInt}, "1", "9");
  table.staged.columns[0].field_id = 8;
  EXPECT_FALSE(to_data_file(table.staged, table.schema, {}).ok());
}

TEST(StagedFile, HasBoundsOfMembersButNotOfElements) {
  OneColumn table = one_column(*data::parse_type("struct<a: int, l: list<int>>"), {}, {});
  data::assign_field_ids(table.schema, 7);
  table.staged.columns = {{8, "c.a", 80, 10, 2, "1", "5", false},
                          {10, "c.l.element", 40, 30, 2, "1", "5", false}};
  const lake::DataFile file = convert(table);
  EXPECT_EQ(*lake::decode_value(file.lower_bounds.at(8), Type{TypeKind::kInt}),
            data::Value(std::int32_t{1}));
  EXPECT_EQ(file.null_value_counts, (decltype(file.null_value_counts){{8, 2}}));
  EXPECT_EQ(file.value_counts, (decltype(file.value_counts){{8, 10}}));
  EXPECT_EQ(file.upper_bounds.size(), 1u);
  EXPECT_EQ(file.column_sizes.at(10), 40);
}

TEST(StagedFile, TypesItsPartitionValuesByTheSpec) {
  OneColumn table = one_column(Type{TypeKind::kTimestamp}, std::nullopt, std::nullopt);
  auto spec = lake::make_partition_spec(
      3, {*lake::parse_column_transform("day(c)"), *lake::parse_column_transform("c")},
      table.schema, lake::kFirstPartitionFieldId - 1);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  table.staged.partition = {"15706", std::nullopt};
  const auto file = to_data_file(table.staged, table.schema, *spec);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->spec_id, 3);
  ASSERT_EQ(file->partition.size(), 2U);
  EXPECT_EQ(file->partition[0], data::Value(std::int32_t{15706}));
  EXPECT_EQ(data::to_text(file->partition[1], Type{TypeKind::kTimestamp}), "");
  table.staged.partition = {"15706"};
  EXPECT_FALSE(to_data_file(table.staged, table.schema, *spec).ok());
}

}  // namespace
}  // namespace sluice::engine
