#include "sluice/run/model_run.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/text.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/table_history.h"
#include "sluice/quality/quality_store.h"
#include "sluice/refresh/tactic.h"
#include "sluice/run/contract_checks.h"
#include "sluice/run/lender.h"
#include "sluice/run/run_ending.h"
#include "sluice/run/schema_growth.h"
#include "sluice/run/table_lease.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

std::vector<std::string> names_of(const std::vector<project::NamedPlace>& places) {
  std::vector<std::string> names;
  for (const project::NamedPlace& place : places) {
    names.push_back(place.name);
  }
  return names;
}

/// Says what a user should know of an input in a target that takes in no files by itself: what is
/// borrowed was made by the lender's definition of it.
Result<std::vector<std::string>> input_notes(RunContext& context, const std::string& table,
                                             const data::Schema& schema) {
  std::vector<std::string> notes;
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, context.catalog.find(name));
  const std::string& lender = context.lender->name;
  if (!entry && context.project.find_source(table) != nullptr) {
    notes.push_back(fmt::format(
        "{0} has no rows: neither this target nor {1} has it; --select {0} takes its files in",
        table, lender));
  }
  if (!entry || !entry->borrowed) {
    return notes;
  }
  for (const data::Field& field :
       declared_schema(context.project, context.analysis, table).fields) {
    if (schema.find(field.name) == nullptr) {
      notes.push_back(fmt::format(
          "{0} is borrowed from {1}, where it has no column '{2}'; --select {0} builds this "
          "target's own",
          table, lender, field.name));
    }
  }
  return notes;
}

}  // namespace

ModelRun::ModelRun(RunContext& context, std::size_t model)
    : StagedRun(context, context.project.models[model].table),
      model_(context.project.models[model]),
      analysis_(context.analysis.models[model]) {
  summary_.id = base::make_id<base::RunId>(context.clock, context.random);
}

Result<plan::InputSnapshots> ModelRun::current_inputs() {
  plan::InputSnapshots inputs;
  for (const std::string& table : analysis_.reads) {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, context_.catalog.find(name));
    if (entry && entry->current_snapshot_id) {
      inputs[table] = *entry->current_snapshot_id;
    }
  }
  return inputs;
}

Result<std::optional<Stage>> ModelRun::begin() {
  SLUICE_ASSIGN_OR_RETURN(const plan::InputSnapshots inputs, current_inputs());
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(model_.table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, context_.catalog.find(name));
  const auto found = context_.published.find(model_.table);
  plan::Freshness freshness =
      plan::assess(found == context_.published.end() ? std::nullopt : std::optional(found->second),
                   analysis_.fingerprint, inputs, entry ? entry->current_snapshot_id : std::nullopt,
                   context_.forced, analysis_.contract_digest);
  if (entry && entry->borrowed) {
    SLUICE_ASSIGN_OR_RETURN(freshness, borrowed_freshness(*context_.lender, model_.table, analysis_,
                                                          context_.catalog, context_.forced));
  }
  summary_.reason = freshness.reason;
  if (entry && !entry->borrowed) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            context_.catalog.load_location(entry->metadata_location));
    if (const auto held = lake::held_at(*metadata)) {
      summary_.reason = fmt::format(
          "held at snapshot {} by a rollback; 'sluice rollback {} --release' lets it go on", *held,
          model_.table);
      SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
      return std::optional<Stage>();
    }
  }
  if (!freshness.stale()) {
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
    return std::optional<Stage>();
  }
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kBegin));
  publishing_.fingerprint = analysis_.fingerprint;
  publishing_.inputs = inputs;
  publishing_.contract = analysis_.contract_digest;
  SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_refresh(inputs));
  return std::optional<Stage>(std::move(stage));
}

Result<Stage> ModelRun::stage_refresh(const plan::InputSnapshots& inputs) {
  SLUICE_ASSIGN_OR_RETURN(lease_, lease_table(context_, model_.table));
  const refresh::LegalTactic tactic = refresh::legal_tactics(model_, analysis_).front();
  summary_.tactic = refresh::to_text(tactic.tactic);
  job::StageJob job;
  job.sql = tactic.sql;
  control::StageContext stage;
  stage.scope = model_.table;
  stage.kind = control::StageKind::kRefresh;
  for (const std::string& table : analysis_.reads) {
    const auto snapshot = inputs.find(table);
    const data::Schema declared = declared_schema(context_.project, context_.analysis, table);
    SLUICE_ASSIGN_OR_RETURN(
        job::ScanInput input,
        scan_input(context_.catalog, table, declared,
                   snapshot == inputs.end() ? std::nullopt : std::optional(snapshot->second)));
    if (context_.lender != nullptr) {
      SLUICE_ASSIGN_OR_RETURN(const auto notes, input_notes(context_, table, input.schema));
      summary_.notes.insert(summary_.notes.end(), notes.begin(), notes.end());
    }
    const project::Source* source = context_.project.find_source(table);
    if (source != nullptr && may_have_more_columns(*source)) {
      offer_as_bound(declared, input.schema);
    }
    for (const job::InputFile& file : input.files) {
      stage.input_bytes += file.bytes;
      stage.input_rows += file.rows;
      ++stage.input_files;
    }
    job.inputs.push_back(std::move(input));
  }
  SLUICE_ASSIGN_OR_RETURN(stage.output_bytes_last,
                          context_.records.bytes_last_published(model_.table));
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));

  const std::vector<std::string> partition_by = names_of(model_.partition_by);
  SLUICE_ASSIGN_OR_RETURN(write_, plan_write(context_.catalog, model_.table, analysis_.schema,
                                             partition_by, tactic.replaces, model_.renames));
  summary_.notes.insert(summary_.notes.end(), write_.notes.begin(), write_.notes.end());
  const std::string prefix = summary_.id.text;
  SLUICE_ASSIGN_OR_RETURN(job.output, output_table(context_.catalog, write_, prefix, settings));
  SLUICE_RETURN_IF_ERROR(context_.files.make_dirs(job.output.dir));
  commit_ = base::make_id<base::CommitId>(context_.clock, context_.random);
  RunRow row{summary_.id,      context_.invocation, model_.table, "model",
             summary_.reason,  summary_.tactic,     commit_,      prefix,
             {job.output.dir}, context_.clock.now()};
  SLUICE_RETURN_IF_ERROR(context_.records.begin_run(row));
  recorded_ = true;
  base::crash_point("run.model.begun");
  return ledger_.make_stage("refresh", std::move(job), stage, settings, analysis_.fingerprint);
}

Result<std::optional<Stage>> ModelRun::go_on(job::Answer answer) {
  if (summary_.state == RunState::kStaging) {
    const auto* result = std::get_if<job::StageResult>(&answer);
    if (result == nullptr) {
      return base::internal_error("a refresh was not answered with staged files");
    }
    staged_ = result->files;
    summary_.rows = result->rows;
    for (const job::StagedFile& file : staged_) {
      summary_.bytes += file.bytes;
    }
    base::crash_point("run.model.staged");
    return check_staged();
  }
  const auto* counts = std::get_if<job::CheckResult>(&answer);
  if (counts == nullptr) {
    return base::internal_error("a check was not answered with counts");
  }
  return judge(*counts);
}

Result<std::optional<Stage>> ModelRun::check_staged() {
  const contract::Contract* contract =
      model_.expectations ? &context_.project.contracts[*model_.expectations] : nullptr;
  expectations_ = quality::expectations_of(model_.table, names_of(model_.key), contract);
  if (contract != nullptr) {
    add_table_expectations(*contract, model_.table, context_, expectations_);
  }
  if (expectations_.empty()) {
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kStaged));
    SLUICE_RETURN_IF_ERROR(publish());
    return std::optional<Stage>();
  }
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kChecksNeeded));
  job::CheckJob job;
  job.inputs.push_back(staged_input(model_.table, write_.schema, staged_));
  if (contract != nullptr) {
    SLUICE_RETURN_IF_ERROR(
        add_contract_inputs(*model_.expectations, model_.table, context_, job.inputs));
  }
  for (const quality::Expectation& expectation : expectations_) {
    job.checks.push_back(expectation.check);
  }
  control::StageContext stage;
  stage.scope = model_.table;
  stage.kind = control::StageKind::kCheck;
  stage.input_bytes = summary_.bytes;
  stage.input_rows = summary_.rows;
  stage.input_files = static_cast<std::int64_t>(staged_.size());
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  return std::optional<Stage>(
      ledger_.make_stage("check", std::move(job), stage, settings, analysis_.fingerprint));
}

Result<std::optional<Stage>> ModelRun::judge(const job::CheckResult& counts) {
  SLUICE_ASSIGN_OR_RETURN(const quality::Verdict verdict, quality::judge(expectations_, counts));
  SLUICE_RETURN_IF_ERROR(quality::record_results(context_.database, summary_.id, model_.table,
                                                 verdict, context_.clock.now()));
  for (const quality::QualityResult& result : verdict.results) {
    if (!result.passed && result.severity == contract::Severity::kWarning) {
      summary_.notes.push_back(quality::warning_text(result));
    }
  }
  if (!verdict.publish) {
    SLUICE_RETURN_IF_ERROR(end_unpublished(RunEvent::kRefused, verdict.reason));
    return std::optional<Stage>();
  }
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kAccepted));
  SLUICE_RETURN_IF_ERROR(publish());
  return std::optional<Stage>();
}

Status ModelRun::publish() {
  base::crash_point("run.model.before_publish");
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange change,
                          table_change(write_, lake::Write::kReplaceAll, staged_));
  change.summary["sluice.run-id"] = summary_.id.text;
  change.summary["sluice.fingerprint"] = publishing_.fingerprint;
  change.summary["sluice.tactic"] = summary_.tactic;
  for (const auto& [table, snapshot] : publishing_.inputs) {
    change.summary["sluice.input." + table] = std::to_string(snapshot);
  }
  if (!model_.description.empty()) {
    change.set_properties["comment"] = model_.description;
  }
  const contract::Contract* contract =
      model_.expectations ? &context_.project.contracts[*model_.expectations] : nullptr;
  SLUICE_ASSIGN_OR_RETURN(auto said, contract_properties(context_.catalog, write_, contract));
  change.set_properties.merge(std::move(said));
  lake::CommitRequest request;
  request.id = commit_;
  request.changes.push_back(std::move(change));
  request.fences.push_back(lease_);
  request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
    SLUICE_ASSIGN_OR_RETURN(summary_.snapshot_id, current_snapshot(context_.catalog, write_.table));
    publishing_.snapshot_id = summary_.snapshot_id.value_or(0);
    RunSummary ended = summary_;
    ended.state = RunState::kPublished;
    ended.wall_us = elapsed_us();
    SLUICE_RETURN_IF_ERROR(context_.records.end_run(transaction, ended, context_.clock.now()));
    return context_.records.save_published(transaction, model_.table, publishing_, summary_.id);
  };
  SLUICE_RETURN_IF_ERROR(context_.catalog.commit(request));
  base::crash_point("run.model.published");
  summary_.wall_us = elapsed_us();
  staged_.clear();
  context_.log.log(telemetry::Severity::kInfo, "run.published",
                   {{"table", model_.table}, {"run", summary_.id.text}, {"rows", summary_.rows}});
  return move(RunEvent::kCommitted);
}

void ModelRun::forget_unpublished() {
  summary_.rows = 0;
  summary_.bytes = 0;
}

}  // namespace sluice::run
