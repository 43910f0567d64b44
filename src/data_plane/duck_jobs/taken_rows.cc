#include "sluice/duck_jobs/internal/taken_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using duck::quote_identifier;
using duck::quote_literal;

/// The type in which values of a cursor with a lag compare; "" for one that has no distances.
std::string type_of(const job::ExtractJob& job, const std::string& type) {
  const bool is_time = type == "TIMESTAMP" || type == "TIMESTAMP WITH TIME ZONE" || type == "DATE";
  if (job.lag.is_time) {
    return !is_time ? "" : type == "DATE" ? "TIMESTAMP" : type;
  }
  const bool sqlite = job.kind == job::DatabaseKind::kSqlite;  // all columns are texts there
  const bool is_number =
      type.ends_with("INT") || type.ends_with("INTEGER") || type.starts_with("DECIMAL(");
  return is_number || sqlite ? "DECIMAL(38,6)" : "";
}

std::string as_text(const std::string& table, const std::string& column) {
  return fmt::format("CAST({}.{} AS VARCHAR)", table, quote_identifier(column));
}

}  // namespace

Result<TakenRowsSearch> TakenRowsSearch::make(Session& session, const job::ExtractJob& job,
                                              const job::NamedColumn& cursor) {
  std::string type = type_of(job, cursor.type);
  if (type.empty()) {
    return base::invalid_input(fmt::format(
        "cursor_lag is a {}, but the cursor '{}' is {}; {}", job.lag.is_time ? "time" : "number",
        cursor.name, cursor.type,
        job.lag.is_time ? "write how much of a number rows may be late, such as cursor_lag: 1000"
                        : "write a time, such as cursor_lag: 10m"));
  }
  return TakenRowsSearch(session, job, cursor, std::move(type));
}

Result<bool> TakenRowsSearch::is_true(const std::string& condition) {
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result,
                          session_.query("SELECT CAST(" + condition + " AS BIGINT)"));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
  const auto* answer = batch && batch->rows() == 1
                           ? std::get_if<std::int64_t>(&batch->columns[0].values[0])
                           : nullptr;
  if (answer == nullptr) {
    return base::internal_error("DuckDB did not compare two values of a cursor");
  }
  return *answer == 1;
}

Result<std::string> TakenRowsSearch::higher(const std::string& left, const std::string& right) {
  SLUICE_ASSIGN_OR_RETURN(
      const bool is_right,
      is_true(fmt::format("CAST({} AS {}) < CAST({} AS {})", left, type_, right, type_)));
  return is_right ? right : left;
}

/// The cursor and the key of one extract's rows, as texts.
Result<std::string> TakenRowsSearch::keys_of(const std::string& path) {
  const std::string file = "read_parquet(" + quote_literal(path) + ", hive_partitioning = false)";
  SLUICE_ASSIGN_OR_RETURN(const auto columns, session_.describe("SELECT * FROM " + file));
  const auto has = [&](const std::string& name) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const job::NamedColumn& column) { return column.name == name; });
  };
  std::vector<std::string> selected = {as_text("taken", cursor_.name) + " AS c"};
  for (std::size_t i = 0; i < job_.lag.key.size(); ++i) {
    const job::KeyColumn& key = job_.lag.key[i];
    std::string name = key.name;
    for (const std::string& former : key.former) {
      name = has(name) ? name : former;
    }
    if (!has(name)) {
      return base::invalid_input(fmt::format(
          "rows that were taken before have no column '{}', which is part of the key: cursor_lag "
          "cannot tell which rows of its window are late; leave it out for one run",
          key.name));
    }
    selected.push_back(fmt::format("{} AS k{}", as_text("taken", name), i));
  }
  return fmt::format("SELECT {} FROM {} AS taken", base::join(selected, ", "), file);
}

Result<std::string> TakenRowsSearch::late_or_new(const std::string& rows) {
  const std::string distance = job_.lag.is_time
                                   ? fmt::format("to_milliseconds({})", job_.lag.amount)
                                   : std::to_string(job_.lag.amount);
  std::vector<std::string> taken;
  for (const job::TakenRows& extract : job_.lag.taken) {
    SLUICE_ASSIGN_OR_RETURN(const bool behind_window,
                            is_true(fmt::format("CAST({} AS {}) <= CAST({} AS {}) - {}",
                                                extract.upto, type_, job_.after, type_, distance)));
    if (behind_window) {
      break;  // and so are all before it
    }
    SLUICE_ASSIGN_OR_RETURN(std::string keys, keys_of(extract.path));
    taken.push_back(std::move(keys));
  }
  if (taken.empty()) {
    return rows;
  }
  std::string same = as_text("fresh", cursor_.name) + " = known.c";
  for (std::size_t i = 0; i < job_.lag.key.size(); ++i) {
    same += fmt::format(" AND {} IS NOT DISTINCT FROM known.k{}",
                        as_text("fresh", job_.lag.key[i].name), i);
  }
  return fmt::format(
      "(SELECT * FROM {} AS fresh WHERE NOT EXISTS (SELECT 1 FROM ({}) AS known "
      "WHERE {}))",
      rows, base::join(taken, " UNION ALL "), same);
}

}  // namespace sluice::duck_jobs
