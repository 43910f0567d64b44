#include "sluice/run/replay_run.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/text.h"
#include "sluice/ingest/decode_request.h"
#include "sluice/run/contract_checks.h"
#include "sluice/run/known_rows.h"
#include "sluice/run/quarantine_rewrite.h"
#include "sluice/run/run_ending.h"
#include "sluice/run/snapshot_keys.h"
#include "sluice/run/table_lease.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr const char* kGood = "replay.good";
constexpr const char* kRefused = "replay.refused";

std::string counted(std::int64_t records) {
  return fmt::format("{} {}", base::format_count(records), records == 1 ? "record" : "records");
}

}  // namespace

Result<job::DecodeJob> replay_request(const project::Project& project,
                                      const project::Analysis& analysis, lake::Catalog& catalog,
                                      const ReplayOrder& order, const base::RunId& run,
                                      std::vector<std::string>& gone) {
  const project::Source& source = project.sources[order.source];
  SLUICE_ASSIGN_OR_RETURN(const auto landed, lake::list_landed(catalog.database(), source.table));
  std::vector<lake::LandedFile> files;
  for (const lake::LandedFile& file : landed) {
    if (!order.survey.records.contains(file.seq)) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(const bool there, catalog.files().exists(file.raw_path));
    if (there) {
      files.push_back(file);
    } else {
      gone.push_back(fmt::format("{} (file {}) is gone from the raw zone: its {} quarantined {}",
                                 file.original_name, file.seq, order.survey.records.at(file.seq),
                                 "records stay"));
    }
  }
  job::DecodeJob job =
      ingest::decode_request(source, project.contracts[*source.contract], files, run);
  const std::string quarantine = project::quarantine_table(source);
  SLUICE_ASSIGN_OR_RETURN(job::ScanInput held,
                          scan_input(catalog, quarantine, job::quarantine_schema()));
  held.files.clear();
  for (const lake::DataFile& file : order.survey.files) {
    SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(file.path));
    held.files.push_back({std::move(path), file.record_count, file.file_size_bytes});
  }
  job.replay = job::ReplayedRecords{std::move(held), to_condition(order.filter, "")};
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(source.table));
  SLUICE_ASSIGN_OR_RETURN(const auto table, catalog.find_own(name));
  SLUICE_RETURN_IF_ERROR(add_lookups(catalog, project, analysis, source.table, job));
  if (table) {
    SLUICE_RETURN_IF_ERROR(
        add_known_rows(catalog, source, analysis.sources[order.source], std::nullopt, job));
  }
  return job;
}

ReplayRun::ReplayRun(RunContext& context, ReplayOrder order)
    : StagedRun(context, context.project.sources[order.source].table),
      order_(std::move(order)),
      source_(context.project.sources[order_.source]),
      contract_(context.project.contracts[*source_.contract]),
      declared_(context.analysis.sources[order_.source]) {
  summary_.tactic = "replay";
  summary_.settles = true;
}

Result<std::optional<Stage>> ReplayRun::begin() {
  SLUICE_ASSIGN_OR_RETURN(lease_, lease_table(context_, source_.table));
  const std::int64_t total = order_.survey.total();
  if (total == 0) {
    summary_.reason = "no open record is meant";
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
    return std::optional<Stage>();
  }
  summary_.id = base::make_id<base::RunId>(context_.clock, context_.random);
  summary_.reason = "replay of " + counted(total);
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kBegin));
  SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_decode());
  return std::optional<Stage>(std::move(stage));
}

control::StageContext ReplayRun::stage_context(control::StageKind kind) const {
  control::StageContext stage;
  stage.scope = source_.table;
  stage.kind = kind;
  stage.is_bronze = true;
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  return stage;
}

/// The records that are refused again are no table's files: they end with the invocation.
std::string ReplayRun::refused_dir() const {
  return context_.spill_dir + "/" + summary_.id.text + "-refused";
}

Result<Stage> ReplayRun::stage_decode() {
  step_ = Step::kDecode;
  SLUICE_ASSIGN_OR_RETURN(bronze_, plan_write(context_.catalog, source_.table, declared_,
                                              source_.partition_by, false, source_.renames));
  SLUICE_ASSIGN_OR_RETURN(quarantine_,
                          plan_write(context_.catalog, project::quarantine_table(source_),
                                     job::quarantine_schema(), {}, false));
  SLUICE_ASSIGN_OR_RETURN(job::DecodeJob job,
                          replay_request(context_.project, context_.analysis, context_.catalog,
                                         order_, summary_.id, summary_.problems));
  control::StageContext stage = stage_context(control::StageKind::kDecode);
  for (const job::DecodeFile& file : job.files) {
    stage.input_bytes += file.bytes;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(stage.output_bytes_last,
                          context_.records.bytes_last_published(source_.table));
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  const std::string prefix = summary_.id.text;
  SLUICE_ASSIGN_OR_RETURN(job.bronze, output_table(context_.catalog, bronze_, prefix, settings));
  job.quarantine.schema = job::quarantine_schema();
  job.quarantine.dir = refused_dir();
  job.quarantine.file_prefix = prefix;
  const std::string held_dir = context_.catalog.data_path(quarantine_.table);
  for (const std::string& dir : {job.bronze.dir, job.quarantine.dir, held_dir}) {
    SLUICE_RETURN_IF_ERROR(context_.files.make_dirs(dir));
  }
  commit_ = base::make_id<base::CommitId>(context_.clock, context_.random);
  RunRow row{summary_.id,
             context_.invocation,
             source_.table,
             "replay",
             summary_.reason,
             summary_.tactic,
             commit_,
             prefix,
             {job.bronze.dir, held_dir},
             context_.clock.now()};
  SLUICE_RETURN_IF_ERROR(context_.records.begin_run(row));
  recorded_ = true;
  base::crash_point("run.replay.begun");
  digest_ = ingest::decode_digest(job);
  return ledger_.make_stage("decode", std::move(job), stage, settings, digest_);
}

Result<std::optional<Stage>> ReplayRun::go_on(job::Answer answer) {
  if (step_ == Step::kDecode) {
    if (auto* decoded = std::get_if<job::DecodeResult>(&answer)) {
      return take_decoded(std::move(*decoded));
    }
  } else if (step_ == Step::kCompare) {
    if (const auto* counts = std::get_if<job::CheckResult>(&answer)) {
      if (counts->violations.front() == 0) {
        return end_unchanged();
      }
      SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_rewrite());
      return std::optional<Stage>(std::move(stage));
    }
  } else if (auto* rewritten = std::get_if<job::StageResult>(&answer)) {
    rewritten_ = std::move(rewritten->files);
    staged_.insert(staged_.end(), rewritten_.begin(), rewritten_.end());
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kStaged));
    SLUICE_RETURN_IF_ERROR(publish());
    return std::optional<Stage>();
  }
  return base::internal_error("a stage of a replay was answered with something else");
}

Result<std::optional<Stage>> ReplayRun::take_decoded(job::DecodeResult decoded) {
  decoded_ = std::move(decoded);
  staged_ = decoded_.bronze;
  base::crash_point("run.replay.decoded");
  std::int64_t found = 0;
  for (const job::DecodedFile& file : decoded_.files) {
    good_ += file.good;
    summary_.refused += file.refused;
    found += file.records;
  }
  summary_.refused_by = decoded_.refused;
  for (const job::StagedFile& file : decoded_.bronze) {
    summary_.bytes += file.bytes;
  }
  summary_.rows = good_;
  if (const std::int64_t lost = order_.survey.total() - found;
      lost > 0 && summary_.problems.empty()) {
    summary_.problems.push_back(
        fmt::format("{} not where it was refused, as the source's settings read the file "
                    "differently now: left as it is",
                    counted(lost) + (lost == 1 ? " is" : " are")));
  }
  SLUICE_ASSIGN_OR_RETURN(Stage stage, good_ > 0 ? stage_rewrite() : stage_compare());
  return std::optional<Stage>(std::move(stage));
}

job::ScanInput ReplayRun::refused_again() const {
  return staged_input(kRefused, job::quarantine_schema(), decoded_.quarantine);
}

/// Whether any record is refused for another reason than before.
Result<Stage> ReplayRun::stage_compare() {
  step_ = Step::kCompare;
  SLUICE_ASSIGN_OR_RETURN(job::StageJob rewrite, rewrite_job(quarantine_, order_.survey, {}));
  job::CheckJob job;
  job.inputs.push_back(std::move(rewrite.inputs.front()));
  job.inputs.push_back(refused_again());
  job.checks.push_back(
      {"changed",
       fmt::format(
           "SELECT count(*) FROM {} AS q JOIN {} AS r ON q.file_id = r.file_id AND q.line = r.line "
           "WHERE {} AND (q.rule, q.\"column\", q.reason) IS DISTINCT FROM (r.rule, r.\"column\", "
           "r.reason)",
           sql::quote_table(job.inputs.front().name), sql::quote_table(kRefused),
           to_condition(order_.filter, "q"))});
  const control::StageContext stage = stage_context(control::StageKind::kCheck);
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  return ledger_.make_stage("check", std::move(job), stage, settings, digest_);
}

Result<Stage> ReplayRun::stage_rewrite() {
  step_ = Step::kRewrite;
  const std::string meant = to_condition(order_.filter, "q");
  RowChange change;
  change.joins = fmt::format(
      "LEFT JOIN {} AS g ON {} AND g.{} = q.file_id AND g.{} = q.line "
      "LEFT JOIN {} AS r ON {} AND r.file_id = q.file_id AND r.line = q.line",
      sql::quote_table(kGood), meant, data::kFileColumn, data::kLineColumn,
      sql::quote_table(kRefused), meant);
  for (auto& [column, value] : settled_columns(order_.by, context_.clock.now(), summary_.id)) {
    change.columns[column] = fmt::format("CASE WHEN g.{} IS NOT NULL THEN {} ELSE q.{} END",
                                         data::kFileColumn, value, sql::quote_identifier(column));
  }
  change.columns["status"] = fmt::format("CASE WHEN g.{} IS NOT NULL THEN {} ELSE q.status END",
                                         data::kFileColumn, sql::quote_literal(kReplayed));
  for (const char* column : {"column", "rule", "reason", "contract_version"}) {
    change.columns[column] = fmt::format(
        "CASE WHEN r.file_id IS NOT NULL THEN r.{0} ELSE q.{0} END", sql::quote_identifier(column));
  }
  SLUICE_ASSIGN_OR_RETURN(job::StageJob job, rewrite_job(quarantine_, order_.survey, change));
  control::StageContext stage = stage_context(control::StageKind::kRefresh);
  stage.scope = lake::to_text(quarantine_.table);
  for (const job::InputFile& file : job.inputs.front().files) {
    stage.input_bytes += file.bytes;
    stage.input_rows += file.rows;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  job.inputs.push_back(staged_input(kGood, bronze_.schema, decoded_.bronze));
  job.inputs.push_back(refused_again());
  SLUICE_ASSIGN_OR_RETURN(job.output,
                          output_table(context_.catalog, quarantine_, summary_.id.text, settings));
  return ledger_.make_stage("rewrite", std::move(job), stage, settings, digest_);
}

Result<std::optional<Stage>> ReplayRun::end_unchanged() {
  summary_.reason = "nothing passes, and no reason has changed";
  summary_.wall_us = elapsed_us();
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
  SLUICE_RETURN_IF_ERROR(record_end(context_, summary_));
  return std::optional<Stage>();
}

Status ReplayRun::publish() {
  base::crash_point("run.replay.before_publish");
  lake::CommitRequest request;
  request.id = commit_;
  request.fences.push_back(lease_);
  if (good_ > 0) {
    SLUICE_ASSIGN_OR_RETURN(lake::TableChange bronze,
                            table_change(bronze_, lake::Write::kAppend, decoded_.bronze));
    bronze.summary["sluice.run-id"] = summary_.id.text;
    bronze.summary["sluice.contract-version"] = contract_.version;
    bronze.summary[kReplayedKey] = std::to_string(good_);
    bronze.summary[kDecodeDigestKey] = digest_;
    request.changes.push_back(std::move(bronze));
  }
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange quarantine,
                          rewrite_change(quarantine_, order_.survey, rewritten_));
  quarantine.summary["sluice.run-id"] = summary_.id.text;
  quarantine.summary[kReplayedKey] = std::to_string(good_);
  request.changes.push_back(std::move(quarantine));
  SLUICE_RETURN_IF_ERROR(commit(std::move(request)));
  base::crash_point("run.replay.published");
  staged_.clear();
  context_.log.log(telemetry::Severity::kInfo, "run.published",
                   {{"table", source_.table}, {"run", summary_.id.text}, {"rows", summary_.rows}});
  return move(RunEvent::kCommitted);
}

Status ReplayRun::commit(lake::CommitRequest request) {
  request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
    for (const job::DecodedFile& file : decoded_.files) {
      if (file.good > 0) {
        SLUICE_RETURN_IF_ERROR(
            lake::mark_settled(transaction, source_.table, file.seq, {file.good, 0}));
      }
    }
    SLUICE_ASSIGN_OR_RETURN(summary_.snapshot_id,
                            current_snapshot(context_.catalog, request.changes.front().table));
    RunSummary ended = summary_;
    ended.state = RunState::kPublished;
    ended.wall_us = elapsed_us();
    return context_.records.end_run(transaction, ended, context_.clock.now());
  };
  SLUICE_RETURN_IF_ERROR(context_.catalog.commit(request));
  summary_.wall_us = elapsed_us();
  return {};
}

void ReplayRun::forget_unpublished() {
  summary_.rows = 0;
  summary_.bytes = 0;
}

}  // namespace sluice::run
