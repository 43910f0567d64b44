#include "sluice/duck_jobs/export.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using duck::quote_identifier;
using duck::quote_literal;

/// One column of the export: its type in a table, if it has one, and the SQL that writes it.
struct ExportColumn {
  data::Column column;
  std::string sql;
};

ExportColumn export_column(const job::NamedColumn& described, job::ExportFormat format) {
  const std::string name = quote_identifier(described.name);
  const auto stored = data::type_from_duckdb(described.type);
  const data::Type text{data::TypeKind::kString};
  if (!stored) {
    return {{described.name, text, {}}, fmt::format("CAST({0} AS VARCHAR) AS {0}", name)};
  }
  if (format == job::ExportFormat::kCsv && data::is_nested(*stored)) {
    return {{described.name, text, {}}, fmt::format("CAST(to_json({0}) AS VARCHAR) AS {0}", name)};
  }
  if (stored->kind == data::TypeKind::kBinary && format != job::ExportFormat::kParquet) {
    return {{described.name, text, {}}, fmt::format("lower(hex({0})) AS {0}", name)};
  }
  const bool real =
      stored->kind == data::TypeKind::kFloat || stored->kind == data::TypeKind::kDouble;
  if (format == job::ExportFormat::kNdjson && real) {  // JSON has no number for NaN and infinity
    return {{described.name, *stored, {}},
            fmt::format("CASE WHEN isfinite({0}) THEN to_json({0}) ELSE to_json(CAST({0} AS "
                        "VARCHAR)) END AS {0}",
                        name)};
  }
  return {{described.name, *stored, {}},
          fmt::format("CAST({0} AS {1}) AS {0}", name, data::duckdb_name(*stored))};
}

std::string copy_options(const job::ExportJob& job) {
  std::string options;
  switch (job.format) {
    case job::ExportFormat::kParquet:
      options = "FORMAT parquet";
      break;
    case job::ExportFormat::kCsv:
      options = fmt::format("FORMAT csv, HEADER true, DELIMITER {}",
                            quote_literal(std::string(1, job.delimiter)));
      break;
    case job::ExportFormat::kNdjson:
      options = "FORMAT json";
      break;
  }
  return job.compression.empty() ? options
                                 : options + ", COMPRESSION " + quote_literal(job.compression);
}

Result<std::int64_t> count_of(duck::QueryResult& result) {
  SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
  if (!batch || batch->columns.empty() || batch->rows() != 1) {
    return base::internal_error("DuckDB did not say how many rows it wrote");
  }
  const auto* rows = std::get_if<std::int64_t>(&batch->columns[0].values[0]);
  return rows == nullptr ? 0 : *rows;
}

Result<job::ExportResult> write(Session& session, const job::ExportJob& job) {
  SLUICE_RETURN_IF_ERROR(session.connection().prepare_select(job.sql));
  SLUICE_ASSIGN_OR_RETURN(const auto described, session.describe(job.sql));
  job::ExportResult exported;
  std::vector<std::string> columns;
  std::set<std::string> seen;
  for (const job::NamedColumn& column : described) {
    if (!seen.insert(base::lower(column.name)).second) {
      return base::invalid_input(
          fmt::format("two columns are named '{}': give one another alias", column.name));
    }
    ExportColumn one = export_column(column, job.format);
    exported.columns.push_back(std::move(one.column));
    columns.push_back(std::move(one.sql));
  }
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result,
                          session.query(fmt::format("COPY (SELECT {} FROM (\n{}\n)) TO {} ({})",
                                                    base::join(columns, ", "), job.sql,
                                                    quote_literal(job.path), copy_options(job))));
  SLUICE_ASSIGN_OR_RETURN(exported.rows, count_of(result));
  return exported;
}

}  // namespace

Result<job::ExportResult> run_export(const job::ExportJob& job, const job::Limits& limits,
                                     std::stop_token stop) {
  const SessionOptions options{paths_of(job.inputs), {storage::parent_of(job.path)}, true};
  SLUICE_ASSIGN_OR_RETURN(const auto session, Session::open(limits, options, std::move(stop)));
  for (const job::ScanInput& input : job.inputs) {
    SLUICE_RETURN_IF_ERROR(session->add_view(input));
  }
  for (const job::MemoryInput& input : job.memory) {
    SLUICE_RETURN_IF_ERROR(session->add_table(input));
  }
  const auto io = storage::make_local_file_io();
  auto exported = write(*session, job);
  if (exported) {
    if (const base::Status synced = io->sync_file(job.path); !synced) {
      exported = synced.error();
    }
  }
  if (!exported) {
    (void)io->remove(job.path);
    return session->explain(exported.error());
  }
  return exported;
}

}  // namespace sluice::duck_jobs
