#include "sluice/lake/partition_spec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sluice/lake/tests/sample_table.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;
using nlohmann::json;

TEST(PartitionSpec, ReadsWhatItWrites) {
  const PartitionSpec spec = sample_spec(sample_schema());
  const auto back = partition_spec_from_json(to_json(spec), "x");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, spec);
}

TEST(PartitionSpec, NumbersFieldsOfEarlyV1) {
  const auto fields =
      partition_fields_from_json(json::parse(R"([{"name":"a","source-id":1,"transform":"identity"},
                      {"name":"b","source-id":2,"transform":"day"}])"),
                                 "x");
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(fields->at(0).field_id, 1000);
  EXPECT_EQ(fields->at(1).field_id, 1001);
}

TEST(PartitionSpec, RefusesWhatItCannotKeep) {
  const auto kind_of = [](const char* text) {
    return partition_fields_from_json(json::parse(text), "x").error().kind;
  };
  EXPECT_EQ(kind_of(R"([{"name":"a","source-id":1,"transform":"zorder"}])"),
            ErrorKind::kUnsupported);
  EXPECT_EQ(kind_of(R"([{"name":"a","source-ids":[1,2],"transform":"bucket[4]"}])"),
            ErrorKind::kUnsupported);
  EXPECT_EQ(kind_of(R"([{"name":"a","transform":"day"}])"), ErrorKind::kCorrupt);
  EXPECT_EQ(kind_of(R"([{"name":"a","source-id":1,"field-id":1000,"transform":"day"},
                        {"name":"b","source-id":1,"field-id":1000,"transform":"hour"}])"),
            ErrorKind::kCorrupt);
  EXPECT_EQ(kind_of("{}"), ErrorKind::kCorrupt);
  EXPECT_EQ(kind_of("[7]"), ErrorKind::kCorrupt);
}

TEST(PartitionSpec, NamesTheNearestColumn) {
  const auto spec =
      make_partition_spec(0, {*parse_column_transform("day(tss)")}, sample_schema(), 999);
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.error().kind, ErrorKind::kInvalidInput);
  EXPECT_NE(spec.error().message.find("'ts'"), std::string::npos) << spec.error().message;
}

TEST(PartitionSpec, RefusesTransformsOfTheWrongTypeAndRepeats) {
  const data::Schema schema = sample_schema();
  EXPECT_FALSE(make_partition_spec(0, {*parse_column_transform("day(word)")}, schema, 999).ok());
  EXPECT_FALSE(make_partition_spec(
                   0, {*parse_column_transform("id"), *parse_column_transform("id")}, schema, 999)
                   .ok());
}

TEST(PartitionSpec, TypesItsValues) {
  data::Schema schema = sample_schema();
  const auto spec = make_partition_spec(
      0, {*parse_column_transform("day(ts)"), *parse_column_transform("void(word)")}, schema, 999);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(partition_types(*spec, schema)->at(0), data::Type{data::TypeKind::kDate});
  std::erase_if(schema.fields, [](const data::Field& field) { return field.name == "word"; });
  EXPECT_TRUE(partition_types(*spec, schema).ok());
  std::erase_if(schema.fields, [](const data::Field& field) { return field.name == "ts"; });
  EXPECT_FALSE(partition_types(*spec, schema).ok());
}

TEST(PartitionSpec, EvolvesAndGoesBackToAnEqualOldOne) {
  const data::Schema schema = sample_schema();
  const auto fields = [&](std::initializer_list<const char*> texts) {
    std::vector<ColumnTransform> transforms;
    for (const char* text : texts) {
      transforms.push_back(*parse_column_transform(text));
    }
    return make_partition_spec(0, transforms, schema, 2000)->fields;
  };
  std::vector<PartitionSpec> specs = {*make_partition_spec(
      0, {*parse_column_transform("day(ts)"), *parse_column_transform("word")}, schema, 999)};
  specs.push_back(evolve_partition_spec(specs, fields({"word", "bucket(4, small)"}), 1001));
  EXPECT_EQ(specs[1].spec_id, 1);
  EXPECT_EQ(specs[1].fields[0].field_id, 1001) << "the same column and transform keep their id";
  EXPECT_EQ(specs[1].fields[1].field_id, 1002);
  EXPECT_EQ(evolve_partition_spec(specs, fields({"day(ts)", "word"}), 1002), specs[0]);
  const PartitionSpec none = evolve_partition_spec(specs, {}, 1002);
  EXPECT_EQ(none.spec_id, 2);
  EXPECT_TRUE(none.fields.empty());
}

TEST(PartitionSpec, NamesPartitionFolders) {
  const data::Schema schema = sample_schema();
  const auto spec = make_partition_spec(
      0,
      {*parse_column_transform("year(ts)"), *parse_column_transform("month(ts)"),
       *parse_column_transform("day(ts)"), *parse_column_transform("hour(ts)"),
       *parse_column_transform("word"), *parse_column_transform("small")},
      schema, 999);
  ASSERT_TRUE(spec.ok());
  const std::int32_t day = 17486;
  EXPECT_EQ(partition_path(*spec, *partition_types(*spec, schema),
                           {std::int32_t{-1}, std::int32_t{-1}, day, day * 24 + 22,
                            std::string("a/b c"), data::Value()}),
            "ts_year=1969/ts_month=1969-12/ts_day=2017-11-16/ts_hour=2017-11-16-22/"
            "word=a%2Fb%20c/small=null");
  EXPECT_EQ(partition_path(PartitionSpec{}, {}, {}), "");
}

}  // namespace
}  // namespace sluice::lake
