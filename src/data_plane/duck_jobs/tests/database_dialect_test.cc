#include "sluice/duck_jobs/internal/database_dialect.h"

#include <gtest/gtest.h>

namespace sluice::duck_jobs {
namespace {

job::ExtractJob some_job(job::DatabaseKind kind) {
  job::ExtractJob job;
  job.kind = kind;
  job.table = "sales.or`der\"s";
  job.cursor = "at";
  job.after = "'2026-01-01 00:00:00'";
  return job;
}

const std::vector<job::NamedColumn> kColumns = {
    {"at", "TIMESTAMP"}, {"price", "DECIMAL(9,2)"}, {"flags", "BLOB"}, {"n", "UBIGINT"}};

TEST(DatabaseDialect, QuotesNamesAsItsDatabaseDoes) {
  const auto mysql = some_job(job::DatabaseKind::kMysql);
  EXPECT_EQ(make_dialect(mysql)->whole({}, {}),
            "SELECT  FROM (SELECT * FROM `sales`.`or``der\"s`) AS source_rows");
  const auto postgres = some_job(job::DatabaseKind::kPostgres);
  EXPECT_EQ(make_dialect(postgres)->whole({}, {}),
            "SELECT  FROM (SELECT * FROM \"sales\".\"or`der\"\"s\") AS source_rows");
}

TEST(DatabaseDialect, ReadsFromMysqlAsTextWhatDuckdbWouldChange) {
  const auto job = some_job(job::DatabaseKind::kMysql);
  const std::vector<std::string> natures = {"timestamp", "", "bit", ""};
  const std::string sql = make_dialect(job)->extract(kColumns, natures, kColumns[0], "'x'");
  EXPECT_NE(sql.find("CONCAT(CAST(`at` AS CHAR), '+00:00') AS `at`, CAST(`price` AS CHAR) AS "
                     "`price`, CAST(`flags` + 0 AS CHAR) AS `flags`, `n` FROM"),
            std::string::npos)
      << sql;
  EXPECT_NE(sql.find("source_rows.`at` > '2026-01-01 00:00:00' AND source_rows.`at` <= 'x'"),
            std::string::npos)
      << sql;
}

TEST(DatabaseDialect, LooksBehindTheCursorByTheLag) {
  auto job = some_job(job::DatabaseKind::kPostgres);
  job.lag.amount = 600'000;
  job.lag.is_time = true;
  EXPECT_NE(make_dialect(job)
                ->extract(kColumns, {}, kColumns[0], "'x'")
                .find("> ('2026-01-01 00:00:00'::timestamp - interval '600000 milliseconds') AND"),
            std::string::npos);
  job.kind = job::DatabaseKind::kMysql;
  EXPECT_NE(make_dialect(job)
                ->extract(kColumns, {}, kColumns[0], "'x'")
                .find("(CAST('2026-01-01 00:00:00' AS DATETIME(6)) - INTERVAL 600000000 "
                      "MICROSECOND)"),
            std::string::npos);
  job.lag.is_time = false;
  job.lag.amount = 10;
  job.after = "14";
  job.kind = job::DatabaseKind::kSqlite;
  EXPECT_NE(make_dialect(job)->extract(kColumns, {}, kColumns[3], "20").find("> (14 - 10) AND"),
            std::string::npos);
}

TEST(DatabaseDialect, WritesAnyTextAsAMysqlLiteral) {
  const auto job = some_job(job::DatabaseKind::kMysql);
  const auto dialect = make_dialect(job);
  EXPECT_NE(dialect->bounds({"n", "UBIGINT"}).find("SELECT CAST(MAX(`n`) AS CHAR) FROM"),
            std::string::npos);
  EXPECT_NE(dialect->bounds({"t", "VARCHAR"}).find("USING utf8mb4)"), std::string::npos);
}

}  // namespace
}  // namespace sluice::duck_jobs
