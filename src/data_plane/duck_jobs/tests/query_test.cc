#include "sluice/duck_jobs/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "sluice/duck_jobs/tests/rows_of.h"

namespace sluice::duck_jobs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

base::Status drop(data::Batch) { return {}; }

TEST(Query, StreamsBoundedBatchesInOrder) {
  std::int64_t expected = 0;
  const auto sink = [&](data::Batch batch) -> base::Status {
    EXPECT_LE(batch.rows(), data::kBatchRowsMax);
    for (const data::Value& value : batch.columns[0].values) {
      EXPECT_EQ(std::get<std::int64_t>(value), expected++);
    }
    return {};
  };
  const auto result = run_query({{}, {}, "SELECT range AS i FROM range(100000)", 0}, {}, sink, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows, 100'000);
  EXPECT_EQ(expected, 100'000);
  EXPECT_FALSE(result->cut);
}

TEST(Query, KnowsColumnsWithoutRows) {
  const auto result = run_query({{}, {}, "SELECT 1 AS a, 'x' AS b WHERE false", 0}, {}, drop, {});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->columns.size(), 2u);
  EXPECT_EQ(result->columns[1].name, "b");
  EXPECT_EQ(to_text(result->columns[1].type), "string");
}

TEST(Query, CutsAtTheLimitAndSaysSo) {
  for (const auto& [rows, limit, cut] :
       {std::tuple{10, 5, true}, {5, 5, false}, {5000, 2048, true}, {4, 5, false}}) {
    std::int64_t taken = 0;
    const auto sink = [&](data::Batch batch) -> base::Status {
      taken += static_cast<std::int64_t>(batch.rows());
      return {};
    };
    const auto result = run_query(
        {{}, {}, "SELECT range FROM range(" + std::to_string(rows) + ")", limit}, {}, sink, {});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->cut, cut) << rows;
    EXPECT_EQ(result->rows, std::min(rows, limit));
    EXPECT_EQ(taken, result->rows);
  }
}

TEST(Query, GivesWhatNoTableHoldsAsText) {
  EXPECT_THAT(
      rows_of({},
              "SELECT [1, 2] AS a, {'x': 1} AS a, INTERVAL 1 DAY AS i, 'e'::ENUM('e') AS e, "
              "TIMESTAMP_NS '2013-01-01 00:00:00.123456789' AS n, 5::HUGEINT AS h"),
      ElementsAre("[1, 2]|{\"x\": 1}|1 day|e|2013-01-01 00:00:00.123456789|5"));
  EXPECT_THAT(rows_of({}, "SELECT [range] AS a FROM range(3) ORDER BY range DESC"),
              ElementsAre("[2]", "[1]", "[0]"));
}

TEST(Query, ReadsRowsThatTheFrontHolds) {
  job::MemoryInput runs{"sluice.runs",
                        {{"id", *data::parse_type("uuid"), {}},
                         {"cost", *data::parse_type("decimal(20, 2)"), {}},
                         {"ended", *data::parse_type("timestamptz"), {}},
                         {"ok", *data::parse_type("boolean"), {}}},
                        {}};
  data::Batch batch{runs.columns};
  batch.columns[0].values = {std::string(16, 'a'), data::Value()};
  batch.columns[1].values = {data::Value(data::Int128{-12345}), data::Value()};
  batch.columns[2].values = {std::int64_t{1'000'000}, data::Value()};
  batch.columns[3].values = {true, data::Value()};
  runs.batches = {batch, batch};
  std::vector<std::string> rows;
  const auto sink = [&](data::Batch answer) -> base::Status {
    for (std::size_t row = 0; row < answer.rows(); ++row) {
      std::string text;
      for (const data::Column& column : answer.columns) {
        text += to_text(column.values[row], column.type) + "|";
      }
      rows.push_back(text);
    }
    return {};
  };
  const auto result = run_query(
      {{},
       {runs},
       "SELECT id, cost, ended, ok, count(*) AS n FROM sluice.runs GROUP BY ALL ORDER BY ok",
       0},
      {}, sink, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_THAT(
      rows, ElementsAre("61616161-6161-6161-6161-616161616161|-123.45|1970-01-01T00:00:01Z|true|2|",
                        "||||2|"));
}

TEST(Query, ReadsTimesInTheGivenZone) {
  std::string hour;
  const auto sink = [&](data::Batch batch) -> base::Status {
    hour = to_text(batch.columns[0].values[0], batch.columns[0].type);
    return {};
  };
  job::Limits limits;
  limits.timezone = "America/New_York";
  ASSERT_TRUE(run_query({{}, {}, "SELECT hour(TIMESTAMPTZ '2013-07-01 12:00:00+00') AS h", 0},
                        limits, sink, {})
                  .ok());
  EXPECT_EQ(hour, "8");
}

TEST(Query, RefusesWhatIsNoSelect) {
  for (const char* sql : {"CREATE TABLE t (i INT)", "SET threads = 1", "SELECT 1; SELECT 2", ""}) {
    const auto result = run_query({{}, {}, sql, 0}, {}, drop, {});
    ASSERT_FALSE(result.ok()) << sql;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidInput);
  }
}

TEST(Query, AnErrorOfTheSinkStopsIt) {
  const auto result =
      run_query({{}, {}, "FROM range(1000000000)", 0}, {},
                [](data::Batch) -> base::Status { return base::unavailable("gone"); }, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
}

TEST(Query, CancelEndsAStream) {
  std::stop_source source;
  std::int64_t batches = 0;
  const auto result = run_query(
      {{}, {}, "FROM range(100000000000)", 0}, {},
      [&](data::Batch) -> base::Status {
        if (++batches == 3) {
          source.request_stop();
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return {};
      },
      source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

TEST(Check, CountsViolations) {
  const auto result = run_check(
      {{}, {{"none", "SELECT count(*) FROM range(0)"}, {"some", "SELECT sum(1) FROM range(7)"}}},
      {}, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_THAT(result->violations, ElementsAre(0, 7));
}

TEST(Check, NamesTheCheckThatIsWrong) {
  for (const char* sql : {"SELECT nosuch", "SELECT NULL::BIGINT", "SELECT 1 WHERE false",
                          "FROM range(2)", "SELECT 1, 2"}) {
    const auto result = run_check({{}, {{"odd", sql}}}, {}, {});
    ASSERT_FALSE(result.ok()) << sql;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidInput) << sql;
    EXPECT_THAT(result.error().message, HasSubstr("check odd")) << sql;
  }
}

}  // namespace
}  // namespace sluice::duck_jobs
