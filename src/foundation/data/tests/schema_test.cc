#include "sluice/data/schema.h"

#include <gtest/gtest.h>

namespace sluice::data {
namespace {

TEST(Schema, GivesIdsOnlyToFieldsWithoutOne) {
  Schema schema;
  schema.fields = {{0, "a", {TypeKind::kInt}, true, ""},
                   {7, "b", {TypeKind::kString}, false, ""},
                   {0, "c", {TypeKind::kDate}, false, ""}};
  EXPECT_EQ(assign_field_ids(schema, 7), 9);
  EXPECT_EQ(schema.find("a")->id, 8);
  EXPECT_EQ(schema.find(7)->name, "b");
  EXPECT_EQ(schema.find("c")->id, 9);
  EXPECT_EQ(schema.find("d"), nullptr);
}

TEST(Schema, GivesNestedIdsLevelByLevel) {
  Schema schema;
  schema.fields = {{0, "s", *parse_type("struct<x: list<int>, y: struct<z: date>>"), false, ""},
                   {0, "m", *parse_type("map<string, list<int>>"), false, ""}};
  EXPECT_EQ(assign_field_ids(schema, 0), 9);
  std::vector<std::string> paths;
  walk_fields(schema.fields, [&](FieldPath path) {
    paths.push_back(path_text(path) + " " + std::to_string(path.back()->id));
  });
  EXPECT_EQ(paths, (std::vector<std::string>{"s 1", "s.x 3", "s.x.element 5", "s.y 4", "s.y.z 6",
                                             "m 2", "m.key 7", "m.value 8", "m.value.element 9"}));
  EXPECT_EQ(schema.find_nested(6)->name, "z");
  EXPECT_EQ(schema.find_nested(10), nullptr);
  EXPECT_EQ(schema.find(6), nullptr);
}

}  // namespace
}  // namespace sluice::data
