#include "sluice/lake/schema_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

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

TEST(SchemaJson, RefusesNestedTypesByColumn) {
  const auto error = refused(
      R"({"id":1,"name":"tags","required":false,"type":{"type":"list","element-id":2,
          "element":"string","element-required":false}})");
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_NE(error.message.find("'tags' is a list"), std::string::npos) << error.message;
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
