#include "sluice/duck/functions.h"

#include <gtest/gtest.h>

#include <atomic>

#include "sluice/duck/database.h"

namespace sluice::duck {
namespace {

using base::ErrorKind;

class FunctionsTest : public testing::TestWithParam<int> {
 protected:
  static Database open() {
    const std::pair<std::string, std::string> settings[] = {
        {"threads", std::to_string(GetParam())}};
    return std::move(*Database::open(settings));
  }
  Database database_ = open();
  Connection connection_ = std::move(*database_.connect());
  std::atomic<std::int64_t> left_ = 0;
  std::atomic<std::int64_t> calls_ = 0;

  /// `numbers()` yields 1..rows once over all threads.
  void add_numbers(std::int64_t rows) {
    left_ = rows;
    TableFunction numbers;
    numbers.name = "numbers";
    numbers.columns = {{"n", {data::TypeKind::kLong}}, {"text", {data::TypeKind::kString}}};
    numbers.threads_max = [] { return std::size_t{8}; };
    numbers.open_thread = [this]() -> base::Result<ScanThread> {
      return ScanThread([this](ChunkWriter& out) -> base::Result<std::size_t> {
        std::size_t row = 0;
        for (; row < chunk_rows_max(); ++row) {
          const std::int64_t n = left_.fetch_sub(1);
          if (n <= 0) {
            break;
          }
          out.column(0).set(row, n);
          out.column(1).set(row, std::string_view("number"));
        }
        return row;
      });
    };
    ASSERT_TRUE(connection_.add_function(std::move(numbers)).ok());
  }

  void add_admit() {
    ScalarFunction admit;
    admit.name = "admit";
    admit.arguments = {ArgumentType::kText, ArgumentType::kBigint};
    admit.call = [this](const ChunkView& arguments, ColumnWriter& result) -> base::Status {
      const ColumnView verdict = arguments.column(0);
      for (std::size_t row = 0; row < arguments.rows(); ++row) {
        calls_.fetch_add(1);
        result.set(row, verdict.is_null(row));
      }
      return {};
    };
    ASSERT_TRUE(connection_.add_function(std::move(admit)).ok());
  }

  std::int64_t number(const std::string& sql) {
    auto result = connection_.query(sql);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return std::get<std::int64_t>((*result->next_batch())->columns[0].values[0]);
  }
};

TEST_P(FunctionsTest, EveryRowPassesAVolatileFilterExactlyOnce) {
  constexpr std::int64_t kRows = 300'007;
  add_numbers(kRows);
  add_admit();
  const std::int64_t good = number(
      "SELECT count(*) FROM (SELECT n + 1 AS m, v FROM (SELECT *, CASE WHEN n % 3 = 0 THEN 'bad' "
      "END "
      "AS v FROM numbers()) WHERE admit(v, n))");
  EXPECT_EQ(good, kRows - kRows / 3);
  EXPECT_EQ(calls_, kRows);
}

TEST_P(FunctionsTest, AConstantVerdictIsNotFolded) {
  add_numbers(10'000);
  add_admit();
  EXPECT_EQ(number("SELECT count(*) FROM numbers() WHERE admit(NULL, 1)"), 10'000);
  EXPECT_EQ(calls_, 10'000);
}

TEST_P(FunctionsTest, UnwantedColumnsAreNotFilled) {
  add_numbers(5000);
  EXPECT_EQ(number("SELECT count(*) FROM numbers()"), 5000);
}

TEST_P(FunctionsTest, AnErrorKeepsItsKind) {
  TableFunction broken;
  broken.name = "broken";
  broken.columns = {{"n", {data::TypeKind::kLong}}};
  broken.threads_max = [] { return std::size_t{1}; };
  broken.open_thread = []() -> base::Result<ScanThread> { return base::not_found("no such file"); };
  ASSERT_TRUE(connection_.add_function(std::move(broken)).ok());
  const auto result = connection_.query("FROM broken()");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(result.error().message, "no such file");
}

TEST_P(FunctionsTest, AnExceptionBecomesAnError) {
  ScalarFunction throwing;
  throwing.name = "throwing";
  throwing.call = [](const ChunkView&, ColumnWriter&) -> base::Status { throw std::bad_alloc(); };
  ASSERT_TRUE(connection_.add_function(std::move(throwing)).ok());
  const auto result = connection_.query("SELECT throwing()");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kExhausted);
}

INSTANTIATE_TEST_SUITE_P(Threads, FunctionsTest, testing::Values(1, 2, 4));

}  // namespace
}  // namespace sluice::duck
