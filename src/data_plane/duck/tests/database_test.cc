#include "sluice/duck/database.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "sluice/duck/appender.h"

namespace sluice::duck {
namespace {

using base::ErrorKind;

class DatabaseTest : public testing::Test {
 protected:
  Database database_ = std::move(*Database::open({}));
  Connection connection_ = std::move(*database_.connect());

  std::int64_t number(const std::string& sql) {
    auto result = connection_.query(sql);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    auto batch = result->next_batch();
    return std::get<std::int64_t>((*batch)->columns[0].values[0]);
  }
};

TEST_F(DatabaseTest, RefusesAnUnknownSetting) {
  const std::pair<std::string, std::string> settings[] = {{"no_such_setting", "1"}};
  const auto opened = Database::open(settings);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, ErrorKind::kInvalidInput);
}

TEST_F(DatabaseTest, BindsNumbersTextAndLists) {
  const Parameter parameters[] = {std::int64_t{5}, std::string("it's"),
                                  std::vector<std::string>{"a", "b"}};
  auto result = connection_.query("SELECT ?::BIGINT AS a, ? AS b, len(?) AS c", parameters);
  ASSERT_TRUE(result.ok()) << result.error().message;
  auto batch = result->next_batch();
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ((*batch)->columns[0].values[0], data::Value(std::int64_t{5}));
  EXPECT_EQ((*batch)->columns[1].values[0], data::Value(std::string("it's")));
  EXPECT_EQ((*batch)->columns[2].values[0], data::Value(std::int64_t{2}));
}

TEST_F(DatabaseTest, PreparesOnlyASingleSelect) {
  EXPECT_TRUE(connection_.prepare_select("FROM range(3)").ok());
  EXPECT_TRUE(connection_.prepare_select("WITH a AS (SELECT 1 AS x) SELECT x FROM a -- end").ok());
  for (const char* sql : {"", "CREATE TABLE t (i INT)", "SELECT 1; SELECT 2", "SET threads = 2",
                          "COPY (SELECT 1) TO 'x.csv'", "ATTACH 'x.db'", "INSTALL httpfs"}) {
    const auto prepared = connection_.prepare_select(sql);
    ASSERT_FALSE(prepared.ok()) << sql;
    EXPECT_EQ(prepared.error().kind, ErrorKind::kInvalidInput) << sql;
  }
}

TEST_F(DatabaseTest, InterruptEndsAStatement) {
  std::jthread other([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      connection_.interrupt();
    }
  });
  const auto result = connection_.query(
      "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE a.range % 7 = b.range");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

TEST_F(DatabaseTest, StreamsMoreRowsThanItHolds) {
  auto result = connection_.stream("SELECT range AS i FROM range(10000)");
  ASSERT_TRUE(result.ok());
  std::size_t rows = 0;
  for (;;) {
    auto batch = result->next_batch();
    ASSERT_TRUE(batch.ok());
    if (!*batch) {
      break;
    }
    EXPECT_LE((*batch)->rows(), data::kBatchRowsMax);
    rows += (*batch)->rows();
  }
  EXPECT_EQ(rows, 10000u);
}

TEST_F(DatabaseTest, AppenderFillsATableFromAnotherConnection) {
  ASSERT_TRUE(connection_.query("CREATE TABLE t (i BIGINT, s VARCHAR)").ok());
  Connection other = std::move(*database_.connect());
  auto appender = Appender::open(other, "main", "t");
  ASSERT_TRUE(appender.ok());
  for (int i = 0; i < 5000; ++i) {
    appender->add(i);
    i % 2 == 0 ? appender->add("x") : appender->add_null();
    ASSERT_TRUE(appender->end_row().ok());
  }
  ASSERT_TRUE(appender->finish().ok());
  EXPECT_EQ(number("SELECT count(*) FROM t"), 5000);
  EXPECT_EQ(number("SELECT count(s) FROM t"), 2500);
}

TEST_F(DatabaseTest, AppenderTakesNestedValues) {
  const data::Type type = *data::parse_type(
      "struct<a: int, u: uuid, l: list<decimal(9, 2)>, m: map<string, list<timestamptz>>>");
  ASSERT_TRUE(connection_.query("CREATE TABLE t (s " + data::duckdb_name(type) + ")").ok());
  auto appender = Appender::open(connection_, "main", "t");
  ASSERT_TRUE(appender.ok());
  const data::NestedValue times(
      {*data::parse_value("2013-01-01T00:00:00Z", {data::TypeKind::kTimestamptz}), {}});
  const std::vector<data::Value> rows = {
      data::NestedValue({std::int32_t{1}, std::string(16, '\x01'),
                         data::NestedValue({data::Int128{150}, {}}),
                         data::NestedValue({std::string("k"), times, std::string("none"), {}})}),
      data::NestedValue({{}, {}, data::NestedValue(), data::NestedValue()}),
      {}};
  for (const data::Value& row : rows) {
    appender->add(row, type);
    ASSERT_TRUE(appender->end_row().ok());
  }
  ASSERT_TRUE(appender->finish().ok());
  auto result = connection_.query("FROM t");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ((*result->next_batch())->columns[0].values, rows);
}

TEST_F(DatabaseTest, AppenderReportsAValueThatDoesNotFit) {
  ASSERT_TRUE(connection_.query("CREATE TABLE t (i INTEGER)").ok());
  auto appender = Appender::open(connection_, "main", "t");
  ASSERT_TRUE(appender.ok());
  appender->add("no number");
  EXPECT_FALSE(appender->end_row().ok());
}

}  // namespace
}  // namespace sluice::duck
