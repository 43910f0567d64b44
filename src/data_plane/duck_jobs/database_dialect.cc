#include "sluice/duck_jobs/internal/database_dialect.h"

#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

std::unique_ptr<DatabaseDialect> make_dialect(const job::ExtractJob& job) {
  switch (job.kind) {
    case job::DatabaseKind::kMysql:
      return make_mysql_dialect(job);
    case job::DatabaseKind::kSqlite:
      return make_sqlite_dialect(job);
    case job::DatabaseKind::kPostgres:
      break;
  }
  return make_postgres_dialect(job);
}

std::string DatabaseDialect::rows_of(std::string_view statement) const {
  return fmt::format("{}({}, {})", query_function(), duck::quote_literal(kAttached),
                     duck::quote_literal(statement));
}

std::string DatabaseDialect::from() const {
  return job_.query.empty() ? quoted_table() : "(" + job_.query + "\n) AS source_query";
}

std::string DatabaseDialect::quoted_table() const {
  std::vector<std::string> parts;
  for (const std::string& part : base::split(job_.table, '.')) {
    parts.push_back(quoted(part));
  }
  return base::join(parts, ".");
}

std::string DatabaseDialect::bounds(const job::NamedColumn& cursor) const {
  return fmt::format(
      "SELECT (SELECT {0} FROM {1}) AS upto, CASE WHEN EXISTS (SELECT 1 FROM {1} WHERE {2} IS "
      "NULL) THEN '1' ELSE '0' END AS has_nulls",
      highest(cursor), from(), quoted(cursor.name));
}

std::string DatabaseDialect::selected(std::span<const job::NamedColumn> columns,
                                      std::span<const std::string> natures) const {
  std::vector<std::string> selected;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    selected.push_back(column(columns[i], i < natures.size() ? natures[i] : ""));
  }
  return base::join(selected, ", ");
}

std::string DatabaseDialect::whole(std::span<const job::NamedColumn> columns,
                                   std::span<const std::string> natures) const {
  return fmt::format("SELECT {} FROM (SELECT * FROM {}) AS source_rows", selected(columns, natures),
                     from());
}

std::string DatabaseDialect::extract(std::span<const job::NamedColumn> columns,
                                     std::span<const std::string> natures,
                                     const job::NamedColumn& cursor, std::string_view upto) const {
  const std::string value = "source_rows." + quoted(cursor.name);
  std::string beyond;
  if (!job_.after.empty()) {
    beyond = fmt::format("{} > {} AND ", value, job_.lag.amount > 0 ? behind(cursor) : job_.after);
  }
  return fmt::format(
      "SELECT {} FROM (SELECT * FROM {}) AS source_rows WHERE {}{} <= {} ORDER BY {}",
      selected(columns, natures), from(), beyond, value, upto, value);
}

}  // namespace sluice::duck_jobs
