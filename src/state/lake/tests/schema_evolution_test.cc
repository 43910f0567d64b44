#include "sluice/lake/schema_evolution.h"

#include <gtest/gtest.h>

namespace sluice::lake {
namespace {

using data::Field;
using data::Schema;
using data::Type;
using data::TypeKind;

constexpr Type kInt{TypeKind::kInt};
constexpr Type kLong{TypeKind::kLong};
constexpr Type kText{TypeKind::kString};

Schema schema(std::vector<Field> fields) {
  Schema result;
  result.fields = std::move(fields);
  return result;
}

const Schema kCurrentSchema = schema({{1, "a", kInt, true, ""}, {3, "b", kText, false, ""}});

base::Result<EvolvedSchema> evolve(const Schema& next, bool no_older_rows = false) {
  return evolve_schema(kCurrentSchema, 4, next, no_older_rows);
}

std::string refusal(const Schema& next, bool no_older_rows = false) {
  const auto evolved = evolve(next, no_older_rows);
  return evolved.ok() ? "accepted" : evolved.error().message;
}

TEST(SchemaEvolution, MatchesByNameAndNumbersNewColumns) {
  const auto evolved =
      evolve(schema({{0, "a", kInt, true, ""}, {0, "c", kText, false, ""}, {0, "b", kText}}));
  ASSERT_TRUE(evolved.ok());
  EXPECT_EQ(evolved->schema.fields[0].id, 1);
  EXPECT_EQ(evolved->schema.fields[1].id, 5) << "4 was used and dropped before";
  EXPECT_EQ(evolved->schema.fields[2].id, 3);
  EXPECT_EQ(evolved->last_column_id, 5);
}

TEST(SchemaEvolution, GivesTheSameAgainForItsOwnResult) {
  const auto once = evolve(schema({{0, "a", kLong, true, ""}, {0, "c", kText}}));
  const auto twice = evolve(once->schema);
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(twice->schema, once->schema);
  EXPECT_EQ(twice->last_column_id, once->last_column_id);
}

TEST(SchemaEvolution, LetsAColumnBeRenamedMovedWidenedAndMadeOptional) {
  const auto evolved = evolve(schema({{3, "b2", kText, false, "doc"}, {1, "a", kLong, false, ""}}));
  ASSERT_TRUE(evolved.ok());
  EXPECT_EQ(evolved->schema.fields[0].id, 3);
  EXPECT_EQ(evolved->schema.fields[1].type, kLong);
}

TEST(SchemaEvolution, DropsWhatIsNotThereAnyMore) {
  const auto evolved = evolve(schema({{0, "a", kInt, true, ""}}));
  ASSERT_TRUE(evolved.ok());
  EXPECT_EQ(evolved->schema.fields.size(), 1u);
  EXPECT_EQ(evolved->last_column_id, 4);
}

TEST(SchemaEvolution, RefusesWhatOlderRowsCannotFollow) {
  EXPECT_EQ(refusal(schema({{0, "a", kText, true, ""}})),
            "column 'a' cannot change from int to string");
  EXPECT_EQ(refusal(schema({{0, "b", kText, true, ""}})),
            "column 'b' cannot be required: older rows may lack it");
  EXPECT_EQ(refusal(schema({{0, "n", kText, true, ""}})),
            "column 'n' cannot be required: older rows may lack it");
}

TEST(SchemaEvolution, AllowsItWhenNoOlderRowsAreLeft) {
  const auto evolved = evolve(
      schema({{0, "a", kText, true, ""}, {0, "b", kText, true, ""}, {0, "n", kInt, true, ""}}),
      true);
  ASSERT_TRUE(evolved.ok());
  EXPECT_EQ(evolved->schema.fields[0].id, 5) << "another type is another column";
  EXPECT_EQ(evolved->schema.fields[1].id, 3);
  EXPECT_EQ(evolved->schema.fields[2].id, 6);
}

TEST(SchemaEvolution, RefusesNamesAndIdsThatClash) {
  EXPECT_EQ(refusal(schema({})), "a table needs at least one column");
  EXPECT_EQ(refusal(schema({{0, "a", kInt, true, ""}, {0, "A", kInt}})),
            "column name 'A' is used twice");
  EXPECT_EQ(refusal(schema({{0, "", kInt}})), "column name '' is empty");
  EXPECT_EQ(refusal(schema({{1, "a", kInt, true, ""}, {1, "c", kInt}})),
            "column 'c' has id 1, as another one");
  EXPECT_EQ(refusal(schema({{2, "c", kInt}})),
            "column 'c' has id 2, which belongs to a column that was dropped");
}

TEST(SchemaEvolution, KeepsTheKeyOnItsColumns) {
  Schema next = schema({{1, "a", kText, true, ""}});
  next.identifier_field_ids = {1};
  EXPECT_EQ(evolve(next, true)->schema.identifier_field_ids, std::vector<int>{5});
  next.fields[0] = {1, "a", kInt, false, ""};
  EXPECT_EQ(refusal(next), "key column 'a' is not required");
  next.identifier_field_ids = {9};
  EXPECT_EQ(refusal(next), "the key names field id 9, which no column has");
  next = schema({{0, "x", {TypeKind::kDouble}, true, ""}});
  next.fields[0].id = 7;
  next.identifier_field_ids = {7};
  EXPECT_EQ(refusal(next, true), "key column 'x' is a double");
}

}  // namespace
}  // namespace sluice::lake
