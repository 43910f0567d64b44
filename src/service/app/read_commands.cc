#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "sluice/app/answer_writer.h"
#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/base/text.h"
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
  SLUICE_ASSIGN_OR_RETURN(auto hold, workspace.hold("query"));
  query.hold = hold ? &*hold : nullptr;
  query.lent_hold = workspace.loan_hold();
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

}  // namespace

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
