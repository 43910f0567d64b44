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

}  // namespace
}  // namespace sluice::data
