#include <fmt/format.h>

#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/database_dialect.h"

namespace sluice::duck_jobs {

namespace {

using duck::quote_literal;

class SqliteDialect final : public DatabaseDialect {
 public:
  using DatabaseDialect::DatabaseDialect;

  std::string_view extension() const override { return "sqlite_scanner"; }

  std::vector<std::string> attach() const override {
    // SQLite's columns hold values of any type; as text each is judged for itself.
    return {"SET sqlite_all_varchar = true",
            fmt::format("ATTACH {} AS {} (TYPE sqlite, READ_ONLY)", quote_literal(job_.connection),
                        kAttached)};
  }

  std::string identity() const override {
    if (!job_.query.empty()) {
      return "SELECT 'sqlite:query' AS identity";
    }
    const std::string name = job_.table.substr(job_.table.rfind('.') + 1);
    return fmt::format(
        "SELECT (SELECT 'sqlite:' || name FROM sqlite_schema WHERE type IN ('table', 'view') AND "
        "lower(name) = lower({})) AS identity",
        quote_literal(name));
  }

 protected:
  std::string_view query_function() const override { return "sqlite_query"; }
  std::string quoted(std::string_view name) const override { return duck::quote_identifier(name); }

  std::string highest(const job::NamedColumn& cursor) const override {
    return fmt::format("quote(max({}))", quoted(cursor.name));
  }

  std::string column(const job::NamedColumn& column, std::string_view) const override {
    // The fewest digits that give the same number again, as SQLite itself does not print them.
    return fmt::format(
        "CASE typeof({0}) WHEN 'real' THEN CASE WHEN CAST(printf('%!.15g', {0}) AS REAL) = {0} "
        "THEN "
        "printf('%!.15g', {0}) ELSE printf('%!.17g', {0}) END WHEN 'blob' THEN hex({0}) ELSE "
        "CAST({0} AS TEXT) END AS {0}",
        quoted(column.name));
  }

  std::string behind(const job::NamedColumn&) const override {
    return fmt::format("({} - {})", job_.after, job_.lag.amount);
  }
};

}  // namespace

std::unique_ptr<DatabaseDialect> make_sqlite_dialect(const job::ExtractJob& job) {
  return std::make_unique<SqliteDialect>(job);
}

}  // namespace sluice::duck_jobs
