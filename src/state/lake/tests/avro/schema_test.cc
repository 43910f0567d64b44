#include "sluice/lake/avro/schema.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::lake::avro {
namespace {

using base::ErrorKind;

TEST(AvroSchema, ReadsIcebergAttributes) {
  const auto schema = parse_schema(R"({"type":"record","name":"r","fields":[
      {"name":"ts","field-id":5,"type":{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":true}},
      {"name":"d","field-id":6,"type":["null",{"type":"fixed","name":"dec","size":4,
        "logicalType":"decimal","precision":9,"scale":2}],"default":null},
      {"name":"l","field-id":7,"type":{"type":"array","items":"long","element-id":8}}]})",
                                   "x");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  const auto& fields = (*schema)->fields;
  EXPECT_EQ(fields[0].id, 5);
  EXPECT_EQ(fields[0].type->logical_type, "timestamp-micros");
  EXPECT_TRUE(fields[0].type->adjust_to_utc);
  EXPECT_EQ(fields[1].type->kind, Kind::kOptional);
  EXPECT_EQ(fields[1].type->item->precision, 9);
  EXPECT_EQ(fields[1].type->item->scale, 2);
  EXPECT_EQ(fields[2].type->element_id, 8);
}

TEST(AvroSchema, ReadsNamesOfTypesDefinedBefore) {
  const auto schema = parse_schema(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":{"type":"fixed","name":"uuid_fixed","size":16,"logicalType":"uuid"}},
      {"name":"b","type":["uuid_fixed","null"]}]})",
                                   "x");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  EXPECT_EQ((*schema)->fields[1].type->item->size, 16U);
  EXPECT_FALSE((*schema)->fields[1].type->null_first);
}

TEST(AvroSchema, RefusesMalformedSchemas) {
  for (const char* text :
       {"", "{", "{}", "7", R"("unheard_of")", R"({"type":"record","name":"r"})",
        R"({"type":"record","name":"r","fields":[{"name":"a"}]})", R"({"type":"array"})",
        R"({"type":"fixed","name":"f","size":-1})", R"({"type":"fixed","name":"f"})",
        R"({"type":"record","name":"r","fields":[{"name":"a","type":"r"}]})",
        R"({"type":"record","name":"r","fields":[{"name":"a","type":"int","field-id":1},
            {"name":"b","type":"int","field-id":1}]})"}) {
    const auto schema = parse_schema(text, "x");
    ASSERT_FALSE(schema.ok()) << text;
    EXPECT_EQ(schema.error().kind, ErrorKind::kCorrupt) << text;
  }
}

TEST(AvroSchema, RefusesUnionsThatAreNotOptional) {
  for (const char* text : {R"(["int","long"])", R"(["null","int","long"])", R"(["int"])",
                           R"(["null"])", "[]", R"(["null","null"])"}) {
    const auto schema = parse_schema(text, "x");
    ASSERT_FALSE(schema.ok()) << text;
    EXPECT_EQ(schema.error().kind, ErrorKind::kUnsupported) << text;
  }
}

TEST(AvroSchema, RefusesTypesThatExpandWithoutEnd) {
  std::string text = R"({"type":"record","name":"r","fields":[
      {"name":"a0","type":{"type":"record","name":"t0","fields":[]}})";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "\"t" + std::to_string(i - 1) + "\"";
    const std::string number = std::to_string(i);
    for (const std::string& part :
         {std::string(R"(,{"name":"a)"), number,
          std::string(R"(","type":{"type":"record","name":"t)"), number,
          std::string(R"(","fields":[{"name":"x","type":)"), before,
          std::string(R"(},{"name":"y","type":)"), before, std::string("}]}}")}) {
      text += part;
    }
  }
  const auto schema = parse_schema(text + "]}", "x");
  ASSERT_FALSE(schema.ok());
  EXPECT_EQ(schema.error().kind, ErrorKind::kUnsupported);
}

TEST(AvroSchema, RefusesArraysOfNothing) {
  EXPECT_FALSE(parse_schema(R"({"type":"array","items":"null"})", "x").ok());
}

TEST(AvroSchema, WritesNamedTypesOnce) {
  const auto schema = record("r", {{"a", 1, fixed("f", 2)}, {"b", 2, optional(fixed("f", 2))}});
  const std::string text = to_json(*schema);
  EXPECT_EQ(text.find("fixed"), text.rfind("fixed"));
  EXPECT_TRUE(parse_schema(text, "x").ok());
}

TEST(AvroSchema, MakesNamesLegal) {
  EXPECT_EQ(legal_name("ts_day"), "ts_day");
  EXPECT_EQ(legal_name("a b"), "a_x20b");
  EXPECT_EQ(legal_name("1st"), "_1st");
}

}  // namespace
}  // namespace sluice::lake::avro
