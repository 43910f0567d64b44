#include "sluice/run/quarantine_rewrite.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/sql/quote.h"

namespace sluice::run {

using base::Result;

std::map<std::string, std::string> settled_columns(const std::string& by, base::Timestamp at,
                                                   const base::RunId& run) {
  return {{"settled_at",
           fmt::format("TIMESTAMPTZ '1970-01-01 00:00:00+00' + to_microseconds({})", at.us)},
          {"settled_by", sql::quote_literal(by)},
          {"settled_run_id", sql::quote_literal(run.text)}};
}

Result<job::StageJob> rewrite_job(const WritePlan& quarantine, const QuarantineSurvey& survey,
                                  const RowChange& change) {
  job::StageJob job;
  const std::string table = lake::to_text(quarantine.table);
  job::ScanInput held{table, quarantine.schema, {}};
  for (const lake::DataFile& file : survey.files) {
    SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(file.path));
    held.files.push_back({std::move(path), file.record_count, file.file_size_bytes});
  }
  job.inputs.push_back(std::move(held));
  std::string columns;
  for (const data::Field& field : quarantine.schema.fields) {
    const auto changed = change.columns.find(field.name);
    const std::string name = sql::quote_identifier(field.name);
    columns += columns.empty() ? "" : ", ";
    columns += changed == change.columns.end()
                   ? "q." + name
                   : fmt::format("CAST({} AS {}) AS {}", changed->second,
                                 data::duckdb_name(field.type), name);
  }
  job.sql =
      fmt::format("SELECT {} FROM {} AS q {}", columns, sql::quote_table(table), change.joins);
  return job;
}

Result<lake::TableChange> rewrite_change(const WritePlan& quarantine,
                                         const QuarantineSurvey& survey,
                                         std::span<const job::StagedFile> rewritten) {
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange change,
                          table_change(quarantine, lake::Write::kRewrite, rewritten));
  std::int64_t rows = 0;
  for (const lake::DataFile& file : survey.files) {
    change.removed.push_back(file.path);
    rows += file.record_count;
  }
  for (const job::StagedFile& file : rewritten) {
    rows -= file.rows;
  }
  if (rows != 0) {
    return base::internal_error(
        fmt::format("the rewrite of {} lost {} rows", lake::to_text(quarantine.table), rows));
  }
  return change;
}

}  // namespace sluice::run
