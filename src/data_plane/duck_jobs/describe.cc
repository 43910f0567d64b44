#include "sluice/duck_jobs/describe.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/session.h"

namespace sluice::duck_jobs {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

Status make_table(Session& session, const std::string& name,
                  const std::vector<job::NamedColumn>& columns) {
  const std::size_t dot = name.find('.');
  if (dot != std::string::npos) {
    SLUICE_RETURN_IF_ERROR(session.execute("CREATE SCHEMA IF NOT EXISTS " +
                                           duck::quote_identifier(name.substr(0, dot))));
  }
  std::string list;
  for (const job::NamedColumn& column : columns) {
    list += list.empty() ? "" : ", ";
    list += duck::quote_identifier(column.name) + " " + column.type;
  }
  return session.execute("CREATE TABLE " + duck::quote_table(name) + " (" + list + ")");
}

/// The columns as a table offers them to what reads it.
std::vector<job::NamedColumn> as_stored(std::vector<job::NamedColumn> columns) {
  for (job::NamedColumn& column : columns) {
    if (const auto type = data::type_from_duckdb(column.type)) {
      column.type = data::duckdb_name(*type);
    }
  }
  return columns;
}

/// An error of the job, in contrast to one of the statement.
bool ends_job(ErrorKind kind) {
  return kind == ErrorKind::kCancelled || kind == ErrorKind::kTimeout ||
         kind == ErrorKind::kExhausted || kind == ErrorKind::kInternal;
}

Result<job::DescribedSql> describe_one(Session& session, const job::DescribeStatement& statement) {
  job::DescribedSql described;
  duck::Failure failure;
  auto columns = session.describe(statement.sql, &failure);
  Status status;
  if (!columns) {
    status = columns.error();
    // DESCRIBE takes some statements that are no SELECT, and words its syntax errors differently.
    duck::Failure plain;
    if (!session.connection().prepare_select(statement.sql, &plain)) {
      failure = std::move(plain);
    }
  } else {
    described.columns = *columns;
    status = session.connection().prepare_select(statement.sql, &failure).ok()
                 ? Status()
                 : Status(failure.error);
  }
  if (status && !statement.name.empty()) {
    failure = {};
    status = make_table(session, statement.name, as_stored(described.columns));
  }
  if (status) {
    return described;
  }
  if (ends_job(status.error().kind)) {
    return std::move(status).error();
  }
  described.columns.clear();
  described.error = failure.error.message.empty() ? status.error().message : failure.error.message;
  described.error_offset = failure.offset;
  return described;
}

}  // namespace

Result<job::DescribeResult> run_describe(const job::DescribeJob& job, const job::Limits& limits,
                                         std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(const auto session, Session::open(limits, {}, std::move(stop)));
  for (const job::TableShape& table : job.tables) {
    if (const auto made = make_table(*session, table.name, table.columns); !made) {
      return made.error().in("table " + table.name);
    }
  }
  job::DescribeResult result;
  for (const job::DescribeStatement& statement : job.statements) {
    SLUICE_ASSIGN_OR_RETURN(result.statements.emplace_back(), describe_one(*session, statement));
  }
  return result;
}

}  // namespace sluice::duck_jobs
