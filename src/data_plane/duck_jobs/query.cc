#include "sluice/duck_jobs/query.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/session.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using base::Status;

/// Casts what no table can hold to text, column by position, so that equal names do not matter.
std::string as_readable(const std::string& sql, const std::vector<duck::ResultColumn>& columns,
                        const std::vector<job::NamedColumn>& described) {
  bool all_readable = true;
  std::string list;
  std::string names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto stored = data::type_from_duckdb(described[i].type);
    all_readable &= columns[i].type.has_value();
    list += list.empty() ? "" : ", ";
    names += names.empty() ? "" : ", ";
    names += fmt::format("c{}", i);
    list += columns[i].type ? fmt::format("c{}", i)
                            : fmt::format("CAST(c{} AS {})", i,
                                          stored ? data::duckdb_name(*stored) : "VARCHAR");
    list += " AS " + duck::quote_identifier(columns[i].name);
  }
  return all_readable ? sql : "SELECT " + list + " FROM (\n" + sql + "\n) AS answer(" + names + ")";
}

void cut_rows(data::Batch& batch, std::int64_t rows) {
  for (data::Column& column : batch.columns) {
    column.values.resize(rows);
  }
}

Status deliver(Session& session, duck::QueryResult& rows, const RowSink& sink,
               std::int64_t rows_max, job::QueryResult& result) {
  for (;;) {
    auto batch = rows.next_batch();
    if (!batch) {
      return session.explain(std::move(batch).error());
    }
    if (!*batch) {
      return {};
    }
    data::Batch& held = **batch;
    const auto count = static_cast<std::int64_t>(held.rows());
    if (rows_max > 0 && result.rows + count > rows_max) {
      cut_rows(held, rows_max - result.rows);
      result.cut = true;
    }
    result.rows += static_cast<std::int64_t>(held.rows());
    if (held.rows() > 0) {
      SLUICE_RETURN_IF_ERROR(sink(std::move(held)));
    }
    if (result.cut) {
      return {};
    }
  }
}

/// Yields one number, or the null that a measure may be.
Result<data::Value> answer_check(Session& session, const job::Check& check) {
  const base::Error no_number = base::invalid_input("the check must yield one row with one number");
  SLUICE_ASSIGN_OR_RETURN(const auto columns, session.connection().prepare_select(check.sql));
  if (columns.size() != 1) {
    return no_number;
  }
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult rows,
      session.query("SELECT CAST(number AS " + std::string(check.measures ? "DOUBLE" : "BIGINT") +
                    ") FROM (\n" + check.sql + "\n) AS answer(number)"));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, rows.next_batch());
  if (!batch || batch->rows() != 1 ||
      (!check.measures && data::is_null(batch->columns[0].values[0]))) {
    return no_number;
  }
  return batch->columns[0].values[0];
}

}  // namespace

Result<job::QueryResult> run_query(const job::QueryJob& job, const job::Limits& limits,
                                   const RowSink& sink, std::stop_token stop) {
  const SessionOptions options{paths_of(job.inputs), {}, true};
  SLUICE_ASSIGN_OR_RETURN(const auto session, Session::open(limits, options, std::move(stop)));
  for (const job::ScanInput& input : job.inputs) {
    SLUICE_RETURN_IF_ERROR(session->add_view(input));
  }
  for (const job::MemoryInput& input : job.memory) {
    SLUICE_RETURN_IF_ERROR(session->add_table(input));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto columns, session->connection().prepare_select(job.sql));
  SLUICE_ASSIGN_OR_RETURN(const auto described, session->describe(job.sql));
  if (columns.size() != described.size()) {
    return base::unsupported("the statement's columns cannot be known before it runs");
  }
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult rows,
                          session->stream(as_readable(job.sql, columns, described)));
  job::QueryResult result;
  for (const duck::ResultColumn& column : rows.columns()) {
    result.columns.push_back(
        {column.name, column.type.value_or(data::Type{data::TypeKind::kString}), {}});
  }
  SLUICE_RETURN_IF_ERROR(deliver(*session, rows, sink, job.rows_max, result));
  return result;
}

Result<job::CheckResult> run_check(const job::CheckJob& job, const job::Limits& limits,
                                   std::stop_token stop) {
  const SessionOptions options{paths_of(job.inputs), {}};
  SLUICE_ASSIGN_OR_RETURN(const auto session, Session::open(limits, options, std::move(stop)));
  for (const job::ScanInput& input : job.inputs) {
    SLUICE_RETURN_IF_ERROR(session->add_view(input));
  }
  job::CheckResult result;
  for (const job::Check& check : job.checks) {
    const auto number = answer_check(*session, check);
    if (!number) {
      return session->explain(number.error()).in("check " + check.name);
    }
    const bool measured = check.measures && !data::is_null(*number);
    result.violations.push_back(check.measures ? 0 : std::get<std::int64_t>(*number));
    result.measured.push_back(measured ? std::optional(std::get<double>(*number)) : std::nullopt);
  }
  return result;
}

}  // namespace sluice::duck_jobs
