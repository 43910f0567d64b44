#include "sluice/duck_jobs/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/copy_out.h"
#include "sluice/duck_jobs/session.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using base::Status;
using data::Type;
using data::TypeKind;
using duck::quote_identifier;

bool is_whole_number(const Type& type) {
  return type.kind == TypeKind::kInt || type.kind == TypeKind::kLong ||
         (type.kind == TypeKind::kDecimal && type.scale == 0);
}

bool casts_exactly(const Type& from, const Type& to);

/// Parts are matched by name, as DuckDB's cast does; it would fill in or leave out what differs.
bool parts_cast_exactly(const Type& from, const Type& to) {
  return from.kind == to.kind && from.fields.size() == to.fields.size() &&
         std::all_of(from.fields.begin(), from.fields.end(), [&](const data::Field& part) {
           const auto match =
               std::find_if(to.fields.begin(), to.fields.end(),
                            [&](const data::Field& other) { return other.name == part.name; });
           return match != to.fields.end() && casts_exactly(part.type, match->type);
         });
}

/// Says whether DuckDB's cast keeps every value it lets through; a value out of range is an error
/// there, but digits after the point are rounded away in silence.
bool casts_exactly(const Type& from, const Type& to) {
  if (data::is_nested(from)) {
    return parts_cast_exactly(from, to);
  }
  if (data::can_widen(from, to)) {
    return true;
  }
  if (is_whole_number(from)) {
    return is_whole_number(to) || to.kind == TypeKind::kDecimal ||
           (from.kind == TypeKind::kInt && to.kind == TypeKind::kDouble);
  }
  if (from.kind == TypeKind::kDecimal) {
    return to.kind == TypeKind::kDecimal && from.scale <= to.scale;
  }
  return from.kind == TypeKind::kDate && to.kind == TypeKind::kTimestamp;
}

Status check_column(const job::NamedColumn& column, const data::Field& field) {
  const auto type = data::type_from_duckdb(column.type);
  if (!type) {
    return type.error().in("column '" + column.name + "'");
  }
  if (!casts_exactly(*type, field.type)) {
    return base::invalid_input(
        fmt::format("column '{}' is {} in the query and {} in the table: cast it in the query",
                    column.name, to_text(*type), to_text(field.type)));
  }
  return {};
}

/// Matches what the query yields to the table's columns, by exact name.
Status check_columns(const std::vector<job::NamedColumn>& columns, const data::Schema& schema) {
  std::set<std::string> seen;
  for (const job::NamedColumn& column : columns) {
    if (!seen.insert(base::lower(column.name)).second) {
      return base::invalid_input(fmt::format(
          "the query yields two columns named '{}': give one another alias", column.name));
    }
    const data::Field* field = schema.find(column.name);
    if (field == nullptr) {
      return base::invalid_input(
          fmt::format("the query yields column '{}', which the table does not have", column.name));
    }
    SLUICE_RETURN_IF_ERROR(check_column(column, *field));
  }
  for (const data::Field& field : schema.fields) {
    if (!seen.contains(base::lower(field.name))) {
      return base::invalid_input(
          fmt::format("the query yields no column '{}', which the table has", field.name));
    }
  }
  return {};
}

std::string cast_select(const data::Schema& schema, const std::string& sql) {
  std::string columns;
  for (const data::Field& field : schema.fields) {
    const std::string name = quote_identifier(field.name);
    columns += columns.empty() ? "" : ", ";
    columns += fmt::format("CAST({} AS {}) AS {}", name, data::duckdb_name(field.type), name);
  }
  return "SELECT " + columns + " FROM (\n" + sql + "\n)";
}

}  // namespace

Result<job::StageResult> run_stage(const job::StageJob& job, const job::Limits& limits,
                                   std::stop_token stop) {
  const SessionOptions options{paths_of(job.inputs), {job.output.dir}};
  SLUICE_ASSIGN_OR_RETURN(const auto session, Session::open(limits, options, std::move(stop)));
  for (const job::ScanInput& input : job.inputs) {
    SLUICE_RETURN_IF_ERROR(session->add_view(input));
  }
  SLUICE_RETURN_IF_ERROR(session->connection().prepare_select(job.sql));
  SLUICE_ASSIGN_OR_RETURN(const auto columns, session->describe(job.sql));
  SLUICE_RETURN_IF_ERROR(check_columns(columns, job.output.schema));
  job::StageResult result;
  SLUICE_ASSIGN_OR_RETURN(result.files,
                          copy_out(*session, cast_select(job.output.schema, job.sql), job.output));
  for (const job::StagedFile& file : result.files) {
    result.rows += file.rows;
  }
  return result;
}

}  // namespace sluice::duck_jobs
