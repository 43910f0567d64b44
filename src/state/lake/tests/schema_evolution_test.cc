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

Type type(const char* text) { return *data::parse_type(text); }

/// One column `c` that is the struct, list or map, with ids from 1.
Schema column_of(const char* text) {
  Schema result = schema({{0, "c", type(text)}});
  assign_field_ids(result, 0);
  return result;
}

/// Changes column `c` to another type, fields being matched by name; says what comes out.
std::string change(const char* from, const char* to, bool no_older_rows = false) {
  const Schema current = column_of(from);
  const auto evolved = evolve_schema(current, 20, schema({{0, "c", type(to)}}), no_older_rows);
  if (!evolved.ok()) {
    return evolved.error().message;
  }
  const auto again = evolve_schema(current, 20, evolved->schema, no_older_rows);
  EXPECT_TRUE(again.ok() && again->schema == evolved->schema) << to;
  std::string ids;
  walk_fields(evolved->schema.fields, [&](data::FieldPath path) {
    ids += path.back()->name + std::to_string(path.back()->id) + " ";
  });
  return ids;
}

TEST(SchemaEvolution, GoesOnInsideStructsListsAndMaps) {
  EXPECT_EQ(change("struct<a: int, b: date>", "struct<n: uuid, b: date, a: long>"),
            "c1 n21 b3 a2 ");
  EXPECT_EQ(change("struct<a: int, b: date>", "struct<b: date>"), "c1 b3 ");
  EXPECT_EQ(change("list<int>", "list<long>"), "c1 element2 ");
  EXPECT_EQ(change("list<struct<a: int>>", "list<struct<n: list<int>, a: int>>"),
            "c1 element2 n21 element22 a3 ");
  EXPECT_EQ(change("map<string, struct<a: float>>", "map<string, struct<a: double, n: int>>"),
            "c1 key2 value3 a4 n21 ");
}

TEST(SchemaEvolution, RefusesNestedChangesByName) {
  EXPECT_EQ(change("struct<a: struct<b: int>>", "struct<a: struct<b: string>>"),
            "column 'c.a.b' cannot change from int to string");
  EXPECT_EQ(change("struct<a: int>", "list<int>"),
            "column 'c' cannot change from struct<a: int> to list<int>");
  EXPECT_EQ(change("list<long>", "list<int>"), "column 'c.element' cannot change from long to int");
  EXPECT_EQ(change("map<int, string>", "map<long, string>"),
            "column 'c.key' cannot change from int to long: a map's key stays as it is");
  EXPECT_EQ(change("map<struct<a: int>, string>", "map<struct<a: int, b: int>, string>"),
            "column 'c.key' cannot change from struct<a: int> to struct<a: int, b: int>: a map's "
            "key stays as it is");
  EXPECT_EQ(change("struct<a: int>", "struct<a: int, A: int>"), "column name 'c.A' is used twice");
  Schema next = column_of("struct<a: int>");
  next.fields[0].type.fields.push_back({0, "n", kInt, true, ""});
  EXPECT_EQ(evolve_schema(column_of("struct<a: int>"), 2, next, false).error().message,
            "column 'c.n' cannot be required: older rows may lack it");
  next = column_of("struct<a: int>");
  next.fields[0].type.fields.clear();
  EXPECT_EQ(evolve_schema(column_of("struct<a: int>"), 2, next, false).error().message,
            "column 'c' is a struct without members or nests too deep");
}

TEST(SchemaEvolution, RenamesANestedFieldByItsId) {
  const Schema current = column_of("struct<a: int, b: struct<d: date>>");
  Schema next = current;
  next.fields[0].type.fields[0].name = "renamed";
  const auto evolved = evolve_schema(current, 4, next, false);
  ASSERT_TRUE(evolved.ok());
  EXPECT_EQ(evolved->schema.find_nested(2)->name, "renamed");
  // `b.d` cannot become `c.d`.
  next = current;
  next.fields[0].type.fields.push_back({4, "d", {TypeKind::kDate}, false, ""});
  next.fields[0].type.fields.erase(next.fields[0].type.fields.begin() + 1);
  EXPECT_EQ(evolve_schema(current, 4, next, false).error().message,
            "column 'c.d' has id 4, which belongs to a column elsewhere: a column cannot move in "
            "or out of another");
}

TEST(SchemaEvolution, GivesNestedFieldsNewIdsWhenNoOlderRowsAreLeft) {
  EXPECT_EQ(change("struct<a: int>", "list<int>", true), "c21 element22 ");
  EXPECT_EQ(change("struct<a: int, b: int>", "struct<a: string, b: int>", true), "c1 a21 b3 ");
  EXPECT_EQ(change("map<int, string>", "map<string, string>", true), "c1 key21 value3 ");
}

TEST(SchemaEvolution, TakesAKeyFromRequiredStructsOnly) {
  Schema next = column_of("struct<a: int, l: list<int>>");
  next.fields[0].required = true;
  next.fields[0].type.fields[0].required = true;
  next.identifier_field_ids = {2};
  EXPECT_EQ(evolve_schema({}, 0, next, true)->schema.identifier_field_ids, std::vector<int>{2});
  next.fields[0].required = false;
  EXPECT_EQ(evolve_schema({}, 0, next, true).error().message, "key column 'c.a' is not required");
  next.fields[0].required = true;
  next.identifier_field_ids = {1};
  EXPECT_EQ(evolve_schema({}, 0, next, true).error().message,
            "key column 'c' is a struct<a: int, l: list<int>>");
  next.fields[0].type.fields[1].required = true;
  next.fields[0].type.fields[1].type.fields[0].required = true;
  next.identifier_field_ids = {4};
  EXPECT_EQ(evolve_schema({}, 0, next, true).error().message,
            "key column 'c.l.element' lies in a list<int>");
}

}  // namespace
}  // namespace sluice::lake
