#include "sluice/duck_jobs/describe.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::duck_jobs {
namespace {

using testing::HasSubstr;

job::DescribeResult describe(const job::DescribeJob& job) {
  auto result = run_describe(job, {}, {});
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? *result : job::DescribeResult{};
}

std::string text(const job::DescribedSql& described) {
  std::string text = described.error;
  for (const job::NamedColumn& column : described.columns) {
    text += (text.empty() ? "" : ", ") + column.name + " " + column.type;
  }
  return text;
}

const job::TableShape kFlights{"bronze.flights", {{"day", "DATE"}, {"dep delay", "INTEGER"}}};

TEST(Describe, GivesNamesAndTypes) {
  const auto result = describe(
      {{kFlights}, {{"", "SELECT day, sum(\"dep delay\") AS s FROM bronze.flights GROUP BY day"}}});
  EXPECT_EQ(text(result.statements[0]), "day DATE, s HUGEINT");
}

TEST(Describe, OffersColumnsDownstreamAsATableStoresThem) {
  const auto result = describe({{kFlights},
                                {{"silver.s",
                                  "SELECT day, sum(\"dep delay\") AS s, [1] AS l, 'a'::ENUM('a') "
                                  "AS e FROM bronze.flights GROUP BY day"},
                                 {"gold.g", "SELECT s, l, e FROM silver.s"}}});
  EXPECT_EQ(text(result.statements[1]), "s DECIMAL(38,0), l INTEGER[], e VARCHAR");
}

TEST(Describe, AnErrorNamesItsByteAndTheRestGoesOn) {
  const auto result = describe({{kFlights},
                                {{"silver.a", "SELECT 'ä', nosuch FROM bronze.flights"},
                                 {"silver.b", "SELECT day FROM bronze.flights"},
                                 {"silver.c", "SELECT * FROM silver.a"},
                                 {"silver.d", "SELECT 'ä', FROM WHERE"}}});
  EXPECT_THAT(result.statements[0].error, HasSubstr("nosuch"));
  EXPECT_EQ(result.statements[0].error_offset, 13);
  EXPECT_EQ(text(result.statements[1]), "day DATE");
  EXPECT_THAT(result.statements[2].error, HasSubstr("does not exist"));
  EXPECT_EQ(result.statements[2].error_offset, 14);
  EXPECT_THAT(result.statements[3].error, HasSubstr("syntax error"));
  EXPECT_EQ(result.statements[3].error_offset, 18);
}

TEST(Describe, RefusesWhatIsNoSelect) {
  const auto result = describe({{},
                                {{"", "CREATE TABLE t (i INT)"},
                                 {"", "SELECT 1; SELECT 2"},
                                 {"", ""},
                                 {"", "bronze.flights"}}});
  for (const job::DescribedSql& described : result.statements) {
    EXPECT_NE(described.error, "");
  }
}

TEST(Describe, TwoColumnsOfOneNameAreAnError) {
  const auto result = describe({{}, {{"silver.s", "SELECT 1 AS a, 2 AS a"}}});
  EXPECT_THAT(result.statements[0].error, HasSubstr("name a already exists"));
}

TEST(Describe, AShapeOfUnknownTypeIsRefused) {
  const auto result = run_describe({{{"t", {{"a", "NO_SUCH_TYPE"}}}}, {}}, {}, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, base::ErrorKind::kInvalidInput);
}

TEST(Describe, AThousandStatementsAreDescribedInOneJob) {
  job::DescribeJob job{{{"silver.m0", {{"a", "INTEGER"}, {"b", "VARCHAR"}}}}, {}};
  for (int i = 1; i <= 1000; ++i) {
    job.statements.push_back(
        {fmt::format("silver.m{}", i),
         fmt::format("SELECT a, b, count(*) OVER (PARTITION BY b) AS n FROM silver.m{} WHERE a > 1",
                     i / 2)});
    if (i / 2 > 0) {
      job.statements.back().sql =
          fmt::format("SELECT a, b, n FROM silver.m{} WHERE a > 1 ORDER BY n", i / 2);
    }
  }
  const auto result = describe(job);
  EXPECT_EQ(text(result.statements.back()), "a INTEGER, b VARCHAR, n BIGINT");
}

}  // namespace
}  // namespace sluice::duck_jobs
