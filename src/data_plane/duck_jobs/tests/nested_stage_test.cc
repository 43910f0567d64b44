#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sluice/duck_jobs/stage.h"
#include "sluice/duck_jobs/tests/rows_of.h"
#include "sluice/duck_jobs/tests/scratch_folder.h"

namespace sluice::duck_jobs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

/// A struct's member or a column, with its id.
data::Field field(int id, const std::string& name, data::Type type) {
  return {id, name, std::move(type), false, ""};
}

data::Type text_type(const char* text) { return *data::parse_type(text); }

/// The member of a path of names.
data::Field& at(data::Schema& schema, const std::vector<std::string>& path) {
  std::vector<data::Field>* fields = &schema.fields;
  data::Field* found = nullptr;
  for (const std::string& name : path) {
    found = &*std::find_if(fields->begin(), fields->end(),
                           [&](const data::Field& one) { return one.name == name; });
    fields = &found->type.fields;
  }
  return *found;
}

class NestedStageTest : public testing::Test {
 protected:
  ScratchFolder folder_;
  job::Limits limits_{2, std::int64_t{512} << 20, 0, "", "UTC"};

  base::Result<job::StageResult> stage(const data::Schema& schema, const std::string& sql) {
    job::StageJob job;
    job.sql = sql;
    job.output.schema = schema;
    job.output.dir = folder_ / "out";
    job.output.file_prefix = "run1";
    return run_stage(job, limits_, {});
  }

  std::vector<job::StagedFile> files_of(const data::Schema& schema, const std::string& sql) {
    auto result = stage(schema, sql);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? result->files : std::vector<job::StagedFile>();
  }

  std::string refusal(const data::Schema& schema, const std::string& sql) {
    const auto result = stage(schema, sql);
    return result.ok() ? "accepted" : result.error().message;
  }
};

data::Schema orders() {
  data::Schema schema;
  schema.fields = {field(0, "id", text_type("int")),
                   field(0, "s", text_type("struct<a: int, \"b c\": double, n: struct<z: date>>")),
                   field(0, "l", text_type("list<struct<q: int>>")),
                   field(0, "m", text_type("map<string, list<int>>"))};
  assign_field_ids(schema, 0);
  return schema;
}

constexpr const char* kRows =
    "SELECT 1 AS id, {'a': 1, 'b c': 'nan'::DOUBLE, 'n': {'z': DATE '2013-01-01'}} AS s, "
    "[{'q': 5}, NULL, {'q': NULL}] AS l, MAP {'x': [1, NULL], 'y': NULL, 'z': []} AS m "
    "UNION ALL SELECT 2, NULL, NULL, NULL "
    "UNION ALL SELECT 3, {'a': NULL, 'b c': NULL, 'n': NULL}, [], MAP {} "
    "UNION ALL SELECT 4, {'a': 7, 'b c': 1.5, 'n': {'z': NULL}}, NULL, NULL";

constexpr const char* kTexts[] = {
    R"(1|{"a": 1, "b c": nan, "n": {"z": "2013-01-01"}}|[{"q": 5}, null, {"q": null}]|{"x": [1, null], "y": null, "z": []})",
    R"(2|~|~|~)", R"(3|{"a": null, "b c": null, "n": null}|[]|{})",
    R"(4|{"a": 7, "b c": 1.5, "n": {"z": null}}|~|~)"};

TEST_F(NestedStageTest, ReadsBackWhatItWrote) {
  const data::Schema schema = orders();
  const auto files = files_of(schema, kRows);
  EXPECT_THAT(rows_of({input_of("t", schema, files)}, "FROM t ORDER BY id"),
              testing::ElementsAreArray(kTexts));
  EXPECT_THAT(rows_of({input_of("t", schema, {})}, "FROM t"), ElementsAre());
  EXPECT_THAT(rows_of({input_of("t", schema, files)},
                      "SELECT s.n.z, list_filter(l, lambda x: x.q > 1), m['x'][1] FROM t WHERE "
                      "s.a = 1"),
              ElementsAre(R"(2013-01-01|[{"q": 5}]|1)"));
}

TEST_F(NestedStageTest, GivesStatisticsOfLeavesByTheirIds) {
  const data::Schema schema = orders();
  const auto files = files_of(schema, kRows);
  ASSERT_EQ(files.size(), 1u);
  std::vector<std::string> texts;
  for (const job::ColumnStatsText& stats : files[0].columns) {
    texts.push_back(std::to_string(stats.field_id) + " " + stats.column + " " +
                    stats.min.value_or("~") + ".." + stats.max.value_or("~") +
                    (stats.has_nan ? " nan" : ""));
  }
  EXPECT_THAT(texts,
              testing::UnorderedElementsAre("1 id 1..4", "5 s.a 1..7", "6 s.b c ~..~ nan",
                                            "8 s.n.z 2013-01-01..2013-01-01", "10 l.element.q 5..5",
                                            "11 m.key x..z", "13 m.value.element 1..1"));
}

TEST_F(NestedStageTest, ReadsFilesOfOlderSchemas) {
  const data::Schema old = orders();
  const auto files = files_of(old, kRows);
  data::Schema next = old;
  at(next, {"s", "a"}).type = text_type("long");
  std::swap(at(next, {"s"}).type.fields[0], at(next, {"s"}).type.fields[1]);
  at(next, {"s", "n"}).type.fields.push_back(field(20, "added", text_type("list<int>")));
  at(next, {"l", "element"}).type.fields.push_back(field(22, "r", text_type("string")));
  next.fields.erase(next.fields.begin() + 3);
  EXPECT_THAT(
      rows_of({input_of("t", next, files)}, "FROM t ORDER BY id LIMIT 2"),
      ElementsAre(
          R"(1|{"b c": nan, "a": 1, "n": {"z": "2013-01-01", "added": null}}|[{"q": 5, "r": null}, null, {"q": null, "r": null}])",
          R"(2|~|~)"));
}

TEST_F(NestedStageTest, FollowsRenamedMembersByTheirIds) {
  const data::Schema old = orders();
  auto files = files_of(old, kRows);
  data::Schema next = old;
  at(next, {"s", "a"}).name = "b";
  at(next, {"s", "b c"}).name = "a";
  at(next, {"s", "n", "z"}).name = "day";
  at(next, {"s"}).name = "renamed";
  at(next, {"l", "element", "q"}).name = "Q u";
  const auto fresh =
      files_of(next,
               "SELECT 5 AS id, {'b': 1, 'a': 2.5::DOUBLE, 'n': {'day': NULL::DATE}} AS renamed, "
               "[{'Q u': 1}] AS l, MAP {'w': [1]} AS m");
  files.insert(files.end(), fresh.begin(), fresh.end());
  EXPECT_THAT(
      rows_of({input_of("t", next, files)}, "FROM t ORDER BY id"),
      ElementsAre(
          R"(1|{"b": 1, "a": nan, "n": {"day": "2013-01-01"}}|[{"Q u": 5}, null, {"Q u": null}]|{"x": [1, null], "y": null, "z": []})",
          R"(2|~|~|~)", R"(3|{"b": null, "a": null, "n": null}|[]|{})",
          R"(4|{"b": 7, "a": 1.5, "n": {"day": null}}|~|~)",
          R"(5|{"b": 1, "a": 2.5, "n": {"day": null}}|[{"Q u": 1}]|{"w": [1]})"));
}

TEST_F(NestedStageTest, FollowsRenamedMembersInsideMaps) {
  data::Schema schema;
  schema.fields = {field(0, "m", text_type("map<string, list<struct<a: int, b: int>>>"))};
  assign_field_ids(schema, 0);
  const auto files = files_of(
      schema, "SELECT MAP {'k': [{'a': 1, 'b': 2}, NULL], 'n': NULL} AS m UNION ALL SELECT NULL");
  at(schema, {"m", "value", "element", "a"}).name = "c";
  EXPECT_THAT(rows_of({input_of("t", schema, files)}, "FROM t ORDER BY m IS NULL"),
              ElementsAre(R"({"k": [{"c": 1, "b": 2}, null], "n": null})", "~"));
}

TEST_F(NestedStageTest, AMemberThatTookAnOldNameHasNoneOfItsValues) {
  const data::Schema old = orders();
  const auto files = files_of(old, kRows);
  data::Schema next = old;
  at(next, {"s", "a"}) = field(20, "a", text_type("int"));
  EXPECT_THAT(rows_of({input_of("t", next, files)}, "SELECT s.a, s.n.z FROM t WHERE id = 1"),
              ElementsAre("~|2013-01-01"));
}

TEST_F(NestedStageTest, RefusesByNameAStructOfWhichOlderFilesHaveNoMember) {
  const data::Schema old = orders();
  const auto files = files_of(old, kRows);
  data::Schema next = old;
  at(next, {"s", "n"}).type.fields = {field(20, "other", text_type("int"))};
  const auto result = run_query({{input_of("t", next, files)}, {}, "FROM t", 0}, {},
                                [](data::Batch) -> base::Status { return {}; }, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(result.error().message, HasSubstr("'s.n' has no member"));
}

TEST_F(NestedStageTest, WidensAndReordersInsideButNeverFillsInOrLeavesOut) {
  data::Schema schema;
  schema.fields = {field(0, "s", text_type("struct<a: long, b: list<double>>"))};
  assign_field_ids(schema, 0);
  const auto files = files_of(schema, "SELECT {'b': [1.5::FLOAT], 'a': 3::TINYINT} AS s");
  EXPECT_THAT(rows_of({input_of("t", schema, files)}, "FROM t"),
              ElementsAre(R"({"a": 3, "b": [1.5]})"));
  EXPECT_THAT(refusal(schema, "SELECT {'a': 3} AS s"), HasSubstr("cast it in the query"));
  EXPECT_THAT(refusal(schema, "SELECT {'a': 3, 'b': [1.5::DOUBLE], 'c': 1} AS s"),
              HasSubstr("cast it in the query"));
  EXPECT_THAT(refusal(schema, "SELECT {'a': 3.5, 'b': [1.5::DOUBLE]} AS s"),
              HasSubstr("cast it in the query"));
}

TEST_F(NestedStageTest, RefusesWhatLacksARequiredPart) {
  data::Schema schema;
  schema.fields = {field(0, "s", text_type("struct<a: int, l: list<struct<q: int>>>"))};
  assign_field_ids(schema, 0);
  at(schema, {"s", "a"}).required = true;
  at(schema, {"s", "l", "element"}).required = true;
  at(schema, {"s", "l", "element", "q"}).required = true;
  EXPECT_EQ(refusal(schema, "SELECT {'a': 1, 'l': [{'q': 2}]} AS s UNION ALL SELECT NULL"),
            "accepted");
  EXPECT_EQ(refusal(schema, "SELECT {'a': 1, 'l': NULL::STRUCT(q INT)[]} AS s"), "accepted");
  for (const char* row : {"{'a': NULL, 'l': [{'q': 2}]}", "{'a': 1, 'l': [NULL::STRUCT(q INT)]}",
                          "{'a': 1, 'l': [{'q': 2}, {'q': NULL}]}"}) {
    EXPECT_THAT(refusal(schema, std::string("SELECT ") + row + " AS s"),
                HasSubstr("column 's' lacks a value that is required"))
        << row;
  }
  at(schema, {"s"}).required = true;
  EXPECT_THAT(refusal(schema, "SELECT NULL AS s"), HasSubstr("cast it in the query"));
  EXPECT_THAT(refusal(schema, "SELECT CAST(NULL AS STRUCT(a INT, l STRUCT(q INT)[])) AS s"),
              HasSubstr("column 's' lacks a value that is required"));
}

TEST_F(NestedStageTest, AnswersWithWhatNoTableHoldsAsText) {
  EXPECT_THAT(rows_of({},
                      "SELECT [INTERVAL 1 DAY] AS a, ['x'::ENUM('x')] AS b, [1, 2]::INT[2] AS "
                      "c, {'t': 1::UTINYINT, 'j': '{}'::JSON} AS d, row(1, 2) AS e"),
              ElementsAre(R"([1 day]|["x"]|[1, 2]|{"t": 1, "j": "{}"}|(1, 2))"));
}

TEST_F(NestedStageTest, ReadsNestedAnswersOfEveryShape) {
  EXPECT_THAT(
      rows_of({},
              "SELECT list_transform(range(3), lambda x: {'n': x, 'l': [x, NULL]}) AS a, "
              "list(i ORDER BY i) AS b, MAP {i % 2: i} AS c FROM range(3) t(i) GROUP BY i % 2, "
              "i ORDER BY i LIMIT 1"),
      ElementsAre(
          R"([{"n": 0, "l": [0, null]}, {"n": 1, "l": [1, null]}, {"n": 2, "l": [2, null]}]|[0]|{"0": 0})"));
  EXPECT_THAT(rows_of({},
                      "SELECT x.l FROM (SELECT unnest([{'l': [1]}, {'l': [2, 3]}, NULL]) AS x) "
                      "WHERE x.l IS NOT NULL ORDER BY len(x.l) DESC"),
              ElementsAre("[2, 3]", "[1]"));
}

}  // namespace
}  // namespace sluice::duck_jobs
