#include "sluice/lake/schema_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sluice/base/json_fields.h"
#include "sluice/lake/tests/sample_table.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;
using nlohmann::json;

TEST(SchemaJson, ReadsWhatItWrites) {
  const data::Schema schema = sample_schema();
  const auto back = schema_from_json(to_json(schema), "x");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, schema);
}

base::Error refused(const std::string& fields) {
  const auto schema = schema_from_json(
      json::parse(R"({"type":"struct","schema-id":0,"fields":[)" + fields + "]}"), "x");
  EXPECT_FALSE(schema.ok()) << fields;
  return schema.ok() ? base::Error{} : schema.error();
}

// The examples of the spec's appendix C, in one schema.
constexpr const char* kNested = R"({"type":"struct","schema-id":4,"identifier-field-ids":[2],
  "fields":[
    {"id":1,"name":"s","required":true,"doc":"a struct","type":{"type":"struct","fields":[
      {"id":2,"name":"id","required":true,"type":"uuid"},
      {"id":3,"name":"name","required":false,"type":"string"}]}},
    {"id":4,"name":"l","required":false,"type":{"type":"list","element-id":5,
      "element-required":true,"element":"string"}},
    {"id":6,"name":"m","required":false,"type":{"type":"map","key-id":7,"key":"string",
      "value-id":8,"value-required":false,"value":{"type":"list","element-id":9,
      "element-required":false,"element":"double"}}}]})";

TEST(SchemaJson, ReadsAndWritesNestedTypes) {
  const json node = json::parse(kNested);
  const auto schema = schema_from_json(node, "x");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  EXPECT_EQ(data::to_text(schema->fields[0].type), "struct<id: uuid, name: string>");
  EXPECT_EQ(data::to_text(schema->fields[1].type), "list<string>");
  EXPECT_EQ(data::to_text(schema->fields[2].type), "map<string, list<double>>");
  EXPECT_TRUE(schema->find_nested(5)->required);
  EXPECT_TRUE(schema->find_nested(7)->required);
  EXPECT_FALSE(schema->find_nested(8)->required);
  EXPECT_EQ(to_json(*schema), node);
}

TEST(SchemaJson, RefusesMalformedNestedTypes) {
  for (const char* type :
       {R"({"type":"list","element":"int","element-required":true})",
        R"({"type":"list","element-id":2,"element":"int"})",
        R"({"type":"list","element-id":2,"element-required":true})",
        R"({"type":"list","element-id":1,"element":"int","element-required":true})",
        R"({"type":"map","key-id":2,"key":"int","value-id":2,"value":"int","value-required":true})",
        R"({"type":"map","key-id":2,"key":"int"})", R"({"type":"bag"})", R"({})",
        R"({"type":"struct"})",
        R"({"type":"struct","fields":[{"id":1,"name":"x","required":false,"type":"int"}]})",
        R"({"type":"struct","fields":[{"id":2,"name":"x","required":false,"type":"int"},
                                      {"id":3,"name":"x","required":false,"type":"int"}]})",
        R"("list<int>")"}) {
    const auto error =
        refused(R"({"id":1,"name":"c","required":false,"type":)" + std::string(type) + "}");
    EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << type;
  }
}

TEST(SchemaJson, NamesTheNestedColumnThatItRefuses) {
  const auto error = refused(
      R"({"id":1,"name":"s","required":false,"type":{"type":"struct","fields":[
          {"id":2,"name":"at","required":false,"type":"timestamp_ns"}]}})");
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_NE(error.message.find("'s.at' is of type timestamp_ns"), std::string::npos)
      << error.message;
  EXPECT_EQ(
      refused(R"({"id":1,"name":"s","required":false,"type":{"type":"struct","fields":[]}})").kind,
      ErrorKind::kUnsupported);
}

TEST(SchemaJson, ReadsTheDeepestTypeAndNoDeeper) {
  const auto nested = [](int levels) {
    std::string type = R"("int")";
    for (int id = levels + 1; id > 1; --id) {
      type.insert(0, R"({"type":"struct","fields":[{"id":)" + std::to_string(id) +
                         R"(,"name":"a","required":false,"type":)");
      type.append("}]}");
    }
    return R"({"type":"struct","schema-id":0,"fields":[{"id":1,"name":"c","required":false,"type":)" +
           type + "}]}";
  };
  const auto read = [&](int levels) -> base::Result<data::Schema> {
    SLUICE_ASSIGN_OR_RETURN(const json node,
                            base::parse_json(nested(levels), "x", kSchemaJsonDepthMax));
    return schema_from_json(node, "x");
  };
  EXPECT_TRUE(read(data::kTypeDepthMax).ok());
  EXPECT_EQ(read(data::kTypeDepthMax + 1).error().kind, ErrorKind::kUnsupported);
  EXPECT_FALSE(read(10'000).ok());
}

TEST(SchemaJson, RefusesTypesAndDefaultsOfV3ByColumn) {
  for (const char* type : {"timestamp_ns", "timestamptz_ns", "variant", "unknown",
                           "geometry(srid:3857)", "geography"}) {
    const auto error =
        refused(R"({"id":1,"name":"c","required":false,"type":")" + std::string(type) + "\"}");
    EXPECT_EQ(error.kind, ErrorKind::kUnsupported) << type;
    EXPECT_NE(error.message.find(type), std::string::npos);
  }
  EXPECT_EQ(refused(R"({"id":1,"name":"c","required":true,"type":"int","initial-default":3})").kind,
            ErrorKind::kUnsupported);
}

TEST(SchemaJson, RefusesMalformedColumns) {
  for (
      const char* fields :
      {"7", R"({"name":"c","required":true,"type":"int"})",
       R"({"id":1,"required":true,"type":"int"})", R"({"id":1,"name":"c","type":"int"})",
       R"({"id":1,"name":"c","required":true})",
       R"({"id":1,"name":"c","required":true,"type":"inty"})",
       R"({"id":-1,"name":"c","required":true,"type":"int"})",
       R"({"id":1,"name":"c","required":true,"type":"int"},{"id":1,"name":"d","required":true,"type":"int"})",
       R"({"id":1,"name":"c","required":true,"type":"int"},{"id":2,"name":"c","required":true,"type":"int"})"}) {
    EXPECT_EQ(refused(fields).kind, ErrorKind::kCorrupt) << fields;
  }
}

TEST(SchemaJson, RefusesIdentifiersThatAreNoColumns) {
  auto node = to_json(sample_schema());
  node["identifier-field-ids"] = {99};
  EXPECT_EQ(schema_from_json(node, "x").error().kind, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace sluice::lake
