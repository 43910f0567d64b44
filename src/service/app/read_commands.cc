#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "sluice/app/answer_writer.h"
#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/base/text.h"
#include "sluice/lake/scan.h"
#include "sluice/run/audit.h"
#include "sluice/run/table_query.h"
#include "sluice/sql/typed_query.h"

namespace sluice::app {

namespace {

using base::Result;

/// Answers a query on standard output.
Result<int> print_answer(Workspace& workspace, const CommandLine& line, const std::string& sql) {
  const StopSignal stop;
  run::TableQuery query;
  SLUICE_ASSIGN_OR_RETURN(query.sql, sql::typed_query(sql));
  if (!line.at.empty()) {
    query.at = line.at;
  }
  query.rows_max = line.rows_max;
  query.limits = workspace.reader_limits();
  query.holds_dir = workspace.state_dir() + "/holds";
  const AnswerFormat format = line.json || line.format == "json" ? AnswerFormat::kJson
                              : line.format == "csv"             ? AnswerFormat::kCsv
                                                                 : AnswerFormat::kTable;
  const auto writer = make_answer_writer(format, stdout);
  const auto answered = run::answer_query(
      query, workspace.catalog(), workspace.frontend(), workspace.engine(),
      [&](data::Batch batch) { return writer->add(std::move(batch)); }, stop.token());
  SLUICE_RETURN_IF_ERROR(workspace.files().remove_all(query.limits.spill_dir));
  if (!answered) {
    return answered.error();
  }
  SLUICE_RETURN_IF_ERROR(writer->finish(answered->columns, answered->cut));
  return 0;
}

/// How one table stands.
struct TableStatus {
  std::string table;
  std::string metadata_location;
  std::int64_t snapshots = 0;
  std::int64_t rows = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t updated_ms = 0;
  std::string last_run;
  std::string last_error;
};

std::int64_t summary_count(const lake::Snapshot& snapshot, const char* key) {
  const auto found = snapshot.summary.find(key);
  return found == snapshot.summary.end() ? 0 : std::strtoll(found->second.c_str(), nullptr, 10);
}

Result<TableStatus> status_of(Workspace& workspace, const lake::TableEntry& entry) {
  TableStatus status;
  status.table = lake::to_text(entry.table);
  status.metadata_location = entry.metadata_location;
  SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                          workspace.catalog().load_location(entry.metadata_location));
  status.snapshots = static_cast<std::int64_t>(metadata->snapshots.size());
  status.updated_ms = metadata->last_updated_ms;
  if (const lake::Snapshot* snapshot = metadata->current_snapshot()) {
    status.rows = summary_count(*snapshot, "total-records");
    status.files = summary_count(*snapshot, "total-data-files");
    status.bytes = summary_count(*snapshot, "total-files-size");
  }
  SLUICE_ASSIGN_OR_RETURN(
      auto last, workspace.database().prepare("SELECT state, error FROM runs WHERE table_name = ? "
                                              "ORDER BY started_at DESC LIMIT 1"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, last.bind(1, status.table).step());
  if (found) {
    status.last_run = last.get_text(0);
    status.last_error = last.get_text(1);
  }
  return status;
}

nlohmann::ordered_json to_json(const TableStatus& status) {
  return {{"table", status.table},
          {"metadata_location", status.metadata_location},
          {"snapshots", status.snapshots},
          {"rows", status.rows},
          {"files", status.files},
          {"bytes", status.bytes},
          {"updated_at", base::format_iso8601({status.updated_ms * 1000})},
          {"last_run", status.last_run},
          {"last_error", status.last_error}};
}

void print_status(const Workspace& workspace, const std::vector<TableStatus>& tables) {
  fmt::print("{} (target {}), warehouse {}\n\n", workspace.project().name, workspace.target().name,
             workspace.target().warehouse);
  fmt::print("{:<28}{:>12}{:>7}{:>10}{:>11}  {:<21}{}\n", "table", "rows", "files", "size",
             "snapshots", "updated", "last run");
  for (const TableStatus& status : tables) {
    fmt::print("{:<28}{:>12}{:>7}{:>10}{:>11}  {:<21}{}\n", status.table,
               base::format_count(status.rows), base::format_count(status.files),
               base::format_bytes(static_cast<std::uint64_t>(status.bytes)), status.snapshots,
               base::format_iso8601({status.updated_ms / 1000 * 1'000'000}), status.last_run);
    if (!status.last_error.empty()) {
      fmt::print("{:<28}{}\n", "", status.last_error);
    }
  }
}

}  // namespace

Result<int> run_status(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(const auto entries, workspace->catalog().list_tables());
  std::vector<TableStatus> tables;
  for (const lake::TableEntry& entry : entries) {
    SLUICE_ASSIGN_OR_RETURN(TableStatus status, status_of(*workspace, entry));
    tables.push_back(std::move(status));
  }
  if (!line.json) {
    print_status(*workspace, tables);
    return 0;
  }
  nlohmann::ordered_json document;
  document["project"] = workspace->project().name;
  document["target"] = workspace->target().name;
  document["warehouse"] = workspace->target().warehouse;
  document["tables"] = nlohmann::ordered_json::array();
  for (const TableStatus& status : tables) {
    document["tables"].push_back(to_json(status));
  }
  fmt::print("{}\n", document.dump(2));
  return 0;
}

Result<int> run_query(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  return print_answer(*workspace, line, line.sql);
}

Result<int> run_audit(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  run::AuditOptions options;
  options.deep = line.deep;
  options.limits = workspace->reader_limits();
  options.scratch_dir = workspace->state_dir() + "/audit";
  SLUICE_ASSIGN_OR_RETURN(const run::AuditSummary summary,
                          run::audit(workspace->project(), *analysis, workspace->catalog(),
                                     workspace->engine(), options, stop.token()));
  SLUICE_RETURN_IF_ERROR(workspace->files().remove_all(options.limits.spill_dir));
  if (line.json) {
    nlohmann::ordered_json document = {
        {"ok", summary.findings.empty()}, {"tables", summary.tables},
        {"snapshots", summary.snapshots}, {"files", summary.files},
        {"rows", summary.rows},           {"landed_files", summary.landed_files},
        {"records", summary.records},     {"records_compared", summary.records_compared},
        {"orphans", summary.orphans}};
    document["findings"] = nlohmann::ordered_json::array();
    for (const lake::Finding& finding : summary.findings) {
      document["findings"].push_back({{"subject", finding.subject}, {"problem", finding.problem}});
    }
    fmt::print("{}\n", document.dump(2));
  } else {
    for (const lake::Finding& finding : summary.findings) {
      fmt::print("FOUND  {}: {}\n", finding.subject, finding.problem);
    }
    for (const std::string& orphan : summary.orphans) {
      fmt::print("orphan {}\n", orphan);
    }
    fmt::print(
        "{}: {} tables, {} snapshots, {} files with {} rows; {} landed files with {} records, "
        "each in its table, in quarantine or waived{}\n",
        summary.findings.empty() ? "sound" : fmt::format("{} findings", summary.findings.size()),
        summary.tables, summary.snapshots, summary.files, base::format_count(summary.rows),
        summary.landed_files, base::format_count(summary.records),
        line.deep ? fmt::format("; {} records read again and compared",
                                base::format_count(summary.records_compared))
                  : "");
  }
  return summary.findings.empty() ? 0 : 1;
}

}  // namespace sluice::app
