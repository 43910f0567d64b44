#include "sluice/duck_jobs/internal/changed_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;
using duck::quote_literal;

constexpr std::string_view kAll = "sluice_all_rows";  // of the database, read once

bool has(std::span<const job::NamedColumn> columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const job::NamedColumn& column) { return column.name == name; });
}

std::vector<std::string> names_of(std::span<const job::NamedColumn> columns) {
  std::vector<std::string> names;
  for (const job::NamedColumn& column : columns) {
    names.push_back(column.name);
  }
  return names;
}

/// What a column is called in an extract from before it was renamed; "" where it is not there.
std::string name_in(std::span<const job::NamedColumn> columns, const job::ExtractJob& job,
                    const std::string& name) {
  if (has(columns, name)) {
    return name;
  }
  for (const job::KeyColumn& key : job.lag.key) {
    for (const std::string& former : key.former) {
      if (key.name == name && has(columns, former)) {
        return former;
      }
    }
  }
  return "";
}

Status check_key(Session& session, const job::ExtractJob& job,
                 std::span<const job::NamedColumn> columns) {
  std::vector<std::string> names;
  std::vector<std::string> quoted;
  for (const job::KeyColumn& key : job.lag.key) {
    if (!has(columns, key.name)) {
      const std::string near = base::nearest(key.name, names_of(columns));
      return base::invalid_input(
          fmt::format("there is no column '{}', which is to be in snapshot_key; {}", key.name,
                      near.empty() ? "there are " + base::join(names_of(columns), ", ")
                                   : "did you mean '" + near + "'?"));
    }
    names.push_back(key.name);
    quoted.push_back(quote_identifier(key.name));
  }
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult result,
      session.query(
          fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1)",
                      kAll, base::join(quoted, ", "))));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
  const auto* repeated = batch && batch->rows() == 1
                             ? std::get_if<std::int64_t>(&batch->columns[0].values[0])
                             : nullptr;
  if (repeated == nullptr) {
    return base::internal_error("DuckDB did not count the keys");
  }
  if (*repeated > 0) {
    return base::invalid_input(fmt::format(
        "{} keys ({}) have several rows, so that nobody could tell which of them changed: take "
        "more columns into snapshot_key",
        *repeated, base::join(names, ", ")));
  }
  return {};
}

}  // namespace

Result<std::string> changed_rows(Session& session, const job::ExtractJob& job,
                                 std::span<const job::NamedColumn> columns,
                                 const std::string& rows) {
  SLUICE_RETURN_IF_ERROR(
      session.execute(fmt::format("CREATE TEMP TABLE {} AS SELECT * FROM {}", kAll, rows)));
  SLUICE_RETURN_IF_ERROR(check_key(session, job, columns));
  if (job.lag.taken.empty()) {
    return std::string(kAll);
  }
  std::vector<std::string> extracts;
  for (std::size_t i = 0; i < job.lag.taken.size(); ++i) {
    const std::string file =
        "read_parquet(" + quote_literal(job.lag.taken[i].path) + ", hive_partitioning = false)";
    SLUICE_ASSIGN_OR_RETURN(const auto there, session.describe("SELECT * FROM " + file));
    std::vector<std::string> texts;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string name = name_in(there, job, columns[c].name);
      texts.push_back(fmt::format("CAST({} AS VARCHAR) AS c{}",
                                  name.empty() ? "NULL" : quote_identifier(name), c));
    }
    extracts.push_back(
        fmt::format("SELECT {}, {} AS age FROM {}", base::join(texts, ", "), i, file));
  }
  std::vector<std::string> key;
  std::vector<std::string> same;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    same.push_back(fmt::format("known.c{} IS NOT DISTINCT FROM CAST(fresh.{} AS VARCHAR)", c,
                               quote_identifier(columns[c].name)));
    const bool in_key =
        std::any_of(job.lag.key.begin(), job.lag.key.end(),
                    [&](const job::KeyColumn& one) { return one.name == columns[c].name; });
    if (in_key) {
      key.push_back(fmt::format("c{}", c));
    }
  }
  return fmt::format(
      "(SELECT * FROM {} AS fresh WHERE NOT EXISTS (SELECT 1 FROM (SELECT * FROM ({}) QUALIFY "
      "row_number() OVER (PARTITION BY {} ORDER BY age) = 1) AS known WHERE {}))",
      kAll, base::join(extracts, " UNION ALL "), base::join(key, ", "), base::join(same, " AND "));
}

}  // namespace sluice::duck_jobs
