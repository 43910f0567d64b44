#include "sluice/run/waive_run.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/text.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/landed_files.h"
#include "sluice/run/quarantine_rewrite.h"
#include "sluice/run/run_ending.h"
#include "sluice/run/table_lease.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

using base::Result;
using base::Status;

WaiveRun::WaiveRun(RunContext& context, WaiveOrder order)
    : StagedRun(context, context.project.sources[order.source].table),
      order_(std::move(order)),
      source_(context.project.sources[order_.source]) {
  summary_.settles = true;
  summary_.tactic = order_.undo ? "undo of a waive" : "waive";
}

Result<std::optional<Stage>> WaiveRun::begin() {
  SLUICE_ASSIGN_OR_RETURN(lease_, lease_table(context_, source_.table));
  const std::int64_t total = order_.survey.total();
  if (total == 0) {
    summary_.reason = order_.undo ? "no waived record is meant" : "no open record is meant";
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
    return std::optional<Stage>();
  }
  summary_.id = base::make_id<base::RunId>(context_.clock, context_.random);
  summary_.reason = fmt::format("{} of {} {}", summary_.tactic, base::format_count(total),
                                total == 1 ? "record" : "records");
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kBegin));
  SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_rewrite());
  return std::optional<Stage>(std::move(stage));
}

Result<Stage> WaiveRun::stage_rewrite() {
  SLUICE_ASSIGN_OR_RETURN(quarantine_,
                          plan_write(context_.catalog, project::quarantine_table(source_),
                                     job::quarantine_schema(), {}, false));
  auto values = settled_columns(order_.by, context_.clock.now(), summary_.id);
  values["status"] = sql::quote_literal(order_.undo ? kOpen : kWaived);
  values["note"] = sql::quote_literal(order_.note);
  RowChange change;
  for (const auto& [column, value] : values) {
    const bool cleared = order_.undo && column != "status";
    change.columns[column] =
        fmt::format("CASE WHEN {} THEN {} ELSE q.{} END", to_condition(order_.filter, "q"),
                    cleared ? "NULL" : value, sql::quote_identifier(column));
  }
  SLUICE_ASSIGN_OR_RETURN(job::StageJob job, rewrite_job(quarantine_, order_.survey, change));
  control::StageContext stage;
  stage.scope = lake::to_text(quarantine_.table);
  stage.kind = control::StageKind::kRefresh;
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  for (const job::InputFile& file : job.inputs.front().files) {
    stage.input_bytes += file.bytes;
    stage.input_rows += file.rows;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  SLUICE_ASSIGN_OR_RETURN(job.output,
                          output_table(context_.catalog, quarantine_, summary_.id.text, settings));
  commit_ = base::make_id<base::CommitId>(context_.clock, context_.random);
  RunRow row{summary_.id,      context_.invocation, source_.table, "waive",
             summary_.reason,  summary_.tactic,     commit_,       summary_.id.text,
             {job.output.dir}, context_.clock.now()};
  SLUICE_RETURN_IF_ERROR(context_.records.begin_run(row));
  recorded_ = true;
  base::crash_point("run.waive.begun");
  return ledger_.make_stage("rewrite", std::move(job), stage, settings, summary_.tactic);
}

Result<std::optional<Stage>> WaiveRun::go_on(job::Answer answer) {
  auto* rewritten = std::get_if<job::StageResult>(&answer);
  if (rewritten == nullptr) {
    return base::internal_error("a rewrite was not answered with staged files");
  }
  staged_ = std::move(rewritten->files);
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kStaged));
  SLUICE_RETURN_IF_ERROR(publish());
  return std::optional<Stage>();
}

Status WaiveRun::publish() {
  base::crash_point("run.waive.before_publish");
  lake::CommitRequest request;
  request.id = commit_;
  request.fences.push_back(lease_);
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange change,
                          rewrite_change(quarantine_, order_.survey, staged_));
  change.summary["sluice.run-id"] = summary_.id.text;
  request.changes.push_back(std::move(change));
  summary_.rows = order_.survey.total();
  request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
    for (const auto& [seq, count] : order_.survey.records) {
      SLUICE_RETURN_IF_ERROR(
          lake::mark_settled(transaction, source_.table, seq, {0, order_.undo ? -count : count}));
    }
    SLUICE_ASSIGN_OR_RETURN(summary_.snapshot_id,
                            current_snapshot(context_.catalog, quarantine_.table));
    RunSummary ended = summary_;
    ended.state = RunState::kPublished;
    ended.wall_us = elapsed_us();
    return context_.records.end_run(transaction, ended, context_.clock.now());
  };
  SLUICE_RETURN_IF_ERROR(context_.catalog.commit(request));
  base::crash_point("run.waive.published");
  summary_.wall_us = elapsed_us();
  staged_.clear();
  context_.log.log(telemetry::Severity::kInfo, "run.published",
                   {{"table", source_.table}, {"run", summary_.id.text}, {"rows", summary_.rows}});
  return move(RunEvent::kCommitted);
}

void WaiveRun::forget_unpublished() { summary_.rows = 0; }

}  // namespace sluice::run
