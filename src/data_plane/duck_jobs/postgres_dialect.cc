#include <fmt/format.h>

#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/database_dialect.h"

namespace sluice::duck_jobs {

namespace {

using duck::quote_literal;

/// Types whose values come through DuckDB and Parquet as they are. `numeric` without a scale is not
/// among them: DuckDB would make it a DOUBLE.
bool is_kept(std::string_view type) {
  constexpr std::string_view kKept[] = {"BOOLEAN", "SMALLINT",  "INTEGER",
                                        "BIGINT",  "DATE",      "TIME",
                                        "VARCHAR", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
                                        "BLOB"};
  for (const std::string_view kept : kKept) {
    if (type == kept) {
      return true;
    }
  }
  return type.starts_with("DECIMAL(");
}

bool is_nested(std::string_view type) { return type.ends_with(']') || type.starts_with("STRUCT("); }

/// Waits that long for a server, unless the URL says otherwise.
std::string with_timeout(const std::string& url) {
  if (url.find("connect_timeout=") != std::string::npos) {
    return url;
  }
  return url + (url.find('?') == std::string::npos ? "?" : "&") + "connect_timeout=10";
}

/// PostgreSQL quotes names and literals as DuckDB does; literals since 9.1 by default.
class PostgresDialect final : public DatabaseDialect {
 public:
  using DatabaseDialect::DatabaseDialect;

  std::string_view extension() const override { return "postgres_scanner"; }

  std::vector<std::string> attach() const override {
    return {fmt::format("ATTACH {} AS {} (TYPE postgres, READ_ONLY)",
                        quote_literal(with_timeout(job_.connection)), kAttached)};
  }

  std::string identity() const override {
    if (job_.query.empty()) {
      return fmt::format(
          "SELECT CASE WHEN to_regclass({0}) IS NOT NULL THEN (SELECT format('postgresql:%s/%s/%s',"
          " datname, oid, to_regclass({0})::oid) FROM pg_database WHERE datname = "
          "current_database()) END AS identity",
          quote_literal(quoted_table()));
    }
    return "SELECT format('postgresql:%s/%s/query', datname, oid) AS identity FROM pg_database "
           "WHERE datname = current_database()";
  }

 protected:
  std::string_view query_function() const override { return "postgres_query"; }
  std::string quoted(std::string_view name) const override { return duck::quote_identifier(name); }

  std::string highest(const job::NamedColumn& cursor) const override {
    // JSON writes times in ISO 8601 whatever the server's settings are.
    return fmt::format("quote_literal(to_jsonb(max({})) #>> '{{}}')", quoted(cursor.name));
  }

  std::string column(const job::NamedColumn& column, std::string_view) const override {
    const std::string name = quoted(column.name);
    return is_kept(column.type)     ? name
           : is_nested(column.type) ? fmt::format("to_jsonb({0})::text AS {0}", name)
                                    : fmt::format("{0}::text AS {0}", name);
  }

  std::string behind(const job::NamedColumn& cursor) const override {
    if (job_.lag.is_time) {
      const std::string_view type = cursor.type == "TIMESTAMP WITH TIME ZONE" ? "timestamptz"
                                    : cursor.type == "DATE"                   ? "date"
                                                                              : "timestamp";
      return fmt::format("({}::{} - interval '{} milliseconds')", job_.after, type,
                         job_.lag.amount);
    }
    const bool whole = cursor.type.ends_with("INT") || cursor.type == "INTEGER";
    return fmt::format("({}::{} - {})", job_.after, whole ? "bigint" : "numeric", job_.lag.amount);
  }
};

}  // namespace

std::unique_ptr<DatabaseDialect> make_postgres_dialect(const job::ExtractJob& job) {
  return std::make_unique<PostgresDialect>(job);
}

}  // namespace sluice::duck_jobs
