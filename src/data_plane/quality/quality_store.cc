#include "sluice/quality/quality_store.h"

#include <array>

namespace sluice::quality {

namespace {

using base::Status;

constexpr std::array kMigrations = {
    metastore::Migration{
        "quality", 1,
        "CREATE TABLE quality_results ("
        "run_id TEXT NOT NULL, table_name TEXT NOT NULL, expectation TEXT NOT NULL,"
        "severity TEXT NOT NULL, violations INTEGER NOT NULL, passed INTEGER NOT NULL,"
        "judged_at INTEGER NOT NULL, PRIMARY KEY (run_id, expectation))"},
    metastore::Migration{
        "quality", 2,
        "ALTER TABLE quality_results ADD COLUMN measured REAL;"
        "ALTER TABLE quality_results ADD COLUMN threshold TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE quality_results ADD COLUMN dimension TEXT NOT NULL DEFAULT ''"}};

}  // namespace

std::span<const metastore::Migration> quality_migrations() { return kMigrations; }

Status record_results(metastore::Database& database, const base::RunId& run, std::string_view table,
                      const Verdict& verdict, base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database));
  SLUICE_ASSIGN_OR_RETURN(
      metastore::Statement insert,
      database.prepare("INSERT INTO quality_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const QualityResult& result : verdict.results) {
    if (result.measured) {
      insert.bind(8, *result.measured);
    } else {
      insert.bind_null(8);
    }
    SLUICE_RETURN_IF_ERROR(insert.bind(1, run.text)
                               .bind(2, table)
                               .bind(3, result.expectation)
                               .bind(4, contract::to_text(result.severity))
                               .bind(5, result.violations)
                               .bind(6, std::int64_t{result.passed ? 1 : 0})
                               .bind(7, at.us)
                               .bind(9, result.threshold)
                               .bind(10, result.dimension)
                               .run());
  }
  return transaction.commit();
}

}  // namespace sluice::quality
