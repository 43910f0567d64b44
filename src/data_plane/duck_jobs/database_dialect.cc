#include "sluice/duck_jobs/internal/database_dialect.h"

#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using duck::quote_identifier;
using duck::quote_literal;

// Both databases quote names and literals as DuckDB does; PostgreSQL since 9.1 by default.

/// Quotes each part of `schema.table`.
std::string quote_dotted(std::string_view name) {
  std::string quoted;
  while (true) {
    const std::size_t dot = name.find('.');
    quoted += (quoted.empty() ? "" : ".") + quote_identifier(name.substr(0, dot));
    if (dot == std::string_view::npos) {
      return quoted;
    }
    name.remove_prefix(dot + 1);
  }
}

/// Types whose values come through DuckDB and Parquet as they are. PostgreSQL's `numeric` without a
/// scale is not among them: DuckDB would make it a DOUBLE.
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

}  // namespace

std::string_view DatabaseDialect::extension() const {
  return is_postgres() ? "postgres_scanner" : "sqlite_scanner";
}

std::vector<std::string> DatabaseDialect::attach() const {
  if (is_postgres()) {
    return {fmt::format("ATTACH {} AS {} (TYPE postgres, READ_ONLY)",
                        quote_literal(with_timeout(job_.connection)), kAttached)};
  }
  // SQLite's columns hold values of any type; as text each is judged for itself.
  return {"SET sqlite_all_varchar = true", fmt::format("ATTACH {} AS {} (TYPE sqlite, READ_ONLY)",
                                                       quote_literal(job_.connection), kAttached)};
}

std::string DatabaseDialect::rows_of(std::string_view statement) const {
  return fmt::format("{}({}, {})", is_postgres() ? "postgres_query" : "sqlite_query",
                     quote_literal(kAttached), quote_literal(statement));
}

std::string DatabaseDialect::from() const {
  return job_.query.empty() ? quote_dotted(job_.table) : "(" + job_.query + "\n) AS source_query";
}

std::string DatabaseDialect::identity() const {
  if (is_postgres() && job_.query.empty()) {
    return fmt::format(
        "SELECT CASE WHEN to_regclass({0}) IS NOT NULL THEN (SELECT format('postgresql:%s/%s/%s', "
        "datname, oid, to_regclass({0})::oid) FROM pg_database WHERE datname = "
        "current_database()) END AS identity",
        quote_literal(quote_dotted(job_.table)));
  }
  if (is_postgres()) {
    return "SELECT format('postgresql:%s/%s/query', datname, oid) AS identity FROM pg_database "
           "WHERE datname = current_database()";
  }
  if (!job_.query.empty()) {
    return "SELECT 'sqlite:query' AS identity";
  }
  const std::string name = job_.table.substr(job_.table.rfind('.') + 1);
  return fmt::format(
      "SELECT (SELECT 'sqlite:' || name FROM sqlite_schema WHERE type IN ('table', 'view') AND "
      "lower(name) = lower({})) AS identity",
      quote_literal(name));
}

std::string DatabaseDialect::shape() const { return "SELECT * FROM " + from(); }

std::string DatabaseDialect::bounds() const {
  const std::string cursor = quote_identifier(job_.cursor);
  // JSON writes times in ISO 8601 whatever the server's settings are.
  const std::string highest =
      is_postgres() ? fmt::format("quote_literal(to_jsonb(max({})) #>> '{{}}')", cursor)
                    : fmt::format("quote(max({}))", cursor);
  return fmt::format(
      "SELECT (SELECT {0} FROM {1}) AS upto, CASE WHEN EXISTS (SELECT 1 FROM {1} WHERE {2} IS "
      "NULL) "
      "THEN '1' ELSE '0' END AS has_nulls",
      highest, from(), cursor);
}

std::string DatabaseDialect::column(const job::NamedColumn& column) const {
  const std::string name = quote_identifier(column.name);
  if (is_postgres()) {
    return is_kept(column.type)     ? name
           : is_nested(column.type) ? fmt::format("to_jsonb({0})::text AS {0}", name)
                                    : fmt::format("{0}::text AS {0}", name);
  }
  // The fewest digits that give the same number again, as SQLite itself does not print them.
  return fmt::format(
      "CASE typeof({0}) WHEN 'real' THEN CASE WHEN CAST(printf('%!.15g', {0}) AS REAL) = {0} THEN "
      "printf('%!.15g', {0}) ELSE printf('%!.17g', {0}) END WHEN 'blob' THEN hex({0}) ELSE "
      "CAST({0} AS TEXT) END AS {0}",
      name);
}

std::string DatabaseDialect::extract(std::span<const job::NamedColumn> columns,
                                     std::string_view upto) const {
  std::vector<std::string> selected;
  for (const job::NamedColumn& one : columns) {
    selected.push_back(column(one));
  }
  const std::string cursor = "source_rows." + quote_identifier(job_.cursor);
  const std::string beyond =
      job_.after.empty() ? "" : fmt::format("{} > {} AND ", cursor, job_.after);
  return fmt::format(
      "SELECT {} FROM (SELECT * FROM {}) AS source_rows WHERE {}{} <= {} ORDER BY {}",
      base::join(selected, ", "), from(), beyond, cursor, upto, cursor);
}

}  // namespace sluice::duck_jobs
