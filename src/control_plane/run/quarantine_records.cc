#include "sluice/run/quarantine_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/scan.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kFilesPerJob = 200;

/// Counts the wanted records of some data files by (file, landed file).
Status count_records(std::span<const lake::DataFile> files, engine::Engine& engine,
                     const data::Schema& schema, const std::string& condition,
                     const std::string& file_column, const job::Limits& limits,
                     std::stop_token stop, QuarantineSurvey& survey) {
  job::QueryJob job;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < files.size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(files[i].path));
    job::ScanInput input{fmt::format("held.f{}", i), schema, {}};
    input.files.push_back({std::move(path), files[i].record_count, files[i].file_size_bytes});
    parts.push_back(
        fmt::format("SELECT CAST({} AS BIGINT), {}, count(*) FROM {} WHERE {} GROUP BY ALL", i,
                    sql::quote_identifier(file_column), sql::quote_table(input.name), condition));
    job.inputs.push_back(std::move(input));
  }
  job.sql = base::join(parts, " UNION ALL ");
  std::vector<bool> holds(files.size(), false);
  const auto take = [&](data::Batch batch) -> Status {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const auto number = [&](std::size_t column) {
        return std::get<std::int64_t>(batch.columns[column].values[row]);
      };
      holds[static_cast<std::size_t>(number(0))] = true;
      survey.records[number(1)] += number(2);
    }
    return {};
  };
  SLUICE_RETURN_IF_ERROR(engine.execute({std::move(job), limits}, take, std::move(stop)));
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (holds[i]) {
      survey.files.push_back(files[i]);
    }
  }
  return {};
}

}  // namespace

std::int64_t QuarantineSurvey::total() const {
  std::int64_t total = 0;
  for (const auto& [file, count] : records) {
    total += count;
  }
  return total;
}

std::string to_condition(const QuarantineFilter& filter, std::string_view alias) {
  const std::string prefix = alias.empty() ? "" : fmt::format("{}.", alias);
  std::vector<std::string> conditions;
  for (const auto& [column, value] :
       {std::pair{"status", &filter.status}, {"rule", &filter.rule}, {"column", &filter.column}}) {
    if (!value->empty()) {
      conditions.push_back(
          fmt::format("{}\"{}\" = {}", prefix, column, sql::quote_literal(*value)));
    }
  }
  return conditions.empty() ? "true" : base::join(conditions, " AND ");
}

Result<QuarantineSurvey> survey_rows(lake::Catalog& catalog, engine::Engine& engine,
                                     const std::string& table, const std::string& condition,
                                     const std::string& file_column,
                                     const std::vector<lake::Predicate>& predicates,
                                     const job::Limits& limits, std::stop_token stop) {
  QuarantineSurvey survey;
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
  if (!entry) {
    return survey;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry->metadata_location));
  SLUICE_ASSIGN_OR_RETURN(const lake::ScanPlan plan,
                          lake::plan_scan(catalog.files(), *metadata, std::nullopt, predicates));
  const std::span<const lake::DataFile> files(plan.files);
  for (std::size_t first = 0; first < files.size(); first += kFilesPerJob) {
    SLUICE_RETURN_IF_ERROR(
        count_records(files.subspan(first, std::min(kFilesPerJob, files.size() - first)), engine,
                      plan.schema, condition, file_column, limits, stop, survey));
  }
  return survey;
}

Result<QuarantineSurvey> survey_quarantine(lake::Catalog& catalog, engine::Engine& engine,
                                           const std::string& table, const QuarantineFilter& filter,
                                           const job::Limits& limits, std::stop_token stop) {
  std::vector<lake::Predicate> predicates;
  if (!filter.status.empty()) {
    predicates.push_back({"status", lake::CompareOp::kEqual, {filter.status}});
  }
  return survey_rows(catalog, engine, table, to_condition(filter, ""), "file_id", predicates,
                     limits, std::move(stop));
}

}  // namespace sluice::run
