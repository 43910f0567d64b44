#include "sluice/run/source_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/digest.h"
#include "sluice/base/text.h"
#include "sluice/data/position.h"
#include "sluice/ingest/decode_request.h"
#include "sluice/run/run_ending.h"
#include "sluice/run/table_lease.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr const char* kNode = "n0";
constexpr std::size_t kNotesPerKind = 5;

/// Lists a few names and counts the rest.
void add_notes(std::vector<std::string>& notes, std::vector<std::string> lines,
               std::string_view rest) {
  const std::size_t shown = std::min(lines.size(), kNotesPerKind);
  notes.insert(notes.end(), lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown));
  if (lines.size() > shown) {
    notes.push_back(fmt::format("and {} more {}", lines.size() - shown, rest));
  }
}

std::string refused_text(const std::vector<job::RefusedCount>& counts) {
  std::vector<std::string> parts;
  for (const job::RefusedCount& count : counts) {
    parts.push_back(fmt::format("{} {}{}", base::format_count(count.records), count.rule,
                                count.column.empty() ? "" : "(" + count.column + ")"));
  }
  return base::join(parts, ", ");
}

}  // namespace

SourceRun::SourceRun(RunContext& context, std::size_t source)
    : context_(context),
      source_(context.project.sources[source]),
      contract_(context.project.contracts[*context.project.sources[source].contract]),
      declared_(context.analysis.sources[source]),
      ledger_(context, summary_) {
  summary_.table = source_.table;
}

Status SourceRun::move(RunEvent event) {
  SLUICE_ASSIGN_OR_RETURN(summary_.state, transition(summary_.state, event));
  return {};
}

Status SourceRun::skip(RunEvent event, const std::string& reason) {
  summary_.reason = reason;
  return move(event);
}

Result<std::optional<Stage>> SourceRun::advance(std::optional<Result<job::Response>> answer) {
  Result<std::optional<Stage>> next = std::optional<Stage>();
  if (!answer) {
    next = begin();
  } else {
    SLUICE_ASSIGN_OR_RETURN(auto again, ledger_.record(*answer));
    if (again) {
      return again;
    }
    if (!*answer) {
      next = answer->error();
    } else if (const auto* result = std::get_if<job::DecodeResult>(&(*answer)->answer)) {
      next = judge(*result);
    } else {
      next = base::internal_error("a decode was not answered with its result");
    }
  }
  if (!next) {
    SLUICE_RETURN_IF_ERROR(fail(next.error()));
    return std::optional<Stage>();
  }
  return next;
}

Result<std::optional<Stage>> SourceRun::begin() {
  started_ns_ = context_.clock.monotonic_ns();
  SLUICE_ASSIGN_OR_RETURN(lease_, lease_table(context_, source_.table));
  SLUICE_RETURN_IF_ERROR(land());
  SLUICE_ASSIGN_OR_RETURN(pending_, lake::list_pending(context_.database, source_.table));
  if (pending_.empty()) {
    summary_.reason = "no new files";
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
    return std::optional<Stage>();
  }
  return begin_batch();
}

Status SourceRun::land() {
  ingest::FileLanding landing(context_.files, context_.database, context_.clock,
                              {context_.catalog.warehouse() + "/_raw", kNode, lease_.epoch});
  SLUICE_ASSIGN_OR_RETURN(const ingest::LandingReport report,
                          landing.land(source_, {}, context_.stop));
  std::vector<std::string> skipped;
  for (const lake::SkippedFile& file : report.skipped) {
    skipped.push_back(file.first_seq == 0
                          ? fmt::format("{} is empty", file.original_name)
                          : fmt::format("{} has the content of file {}, which is already in",
                                        file.original_name, file.first_seq));
  }
  add_notes(summary_.notes, std::move(skipped), "files were skipped");
  std::vector<std::string> pending;
  for (const ingest::LeftFile& file : report.pending) {
    pending.push_back(fmt::format("{}: {}", file.name, file.reason));
  }
  add_notes(summary_.notes, std::move(pending), "files are not ready yet");
  for (const ingest::LeftFile& file : report.unreadable) {
    summary_.problems.push_back(fmt::format("{} was left where it is: {}", file.name, file.reason));
  }
  if (context_.stop.stop_requested()) {
    return base::cancelled("stopped while landing files");
  }
  return {};
}

Result<std::optional<Stage>> SourceRun::begin_batch() {
  batch_files_ = ingest::first_batch(pending_).size();
  summary_.id = base::make_id<base::RunId>(context_.clock, context_.random);
  summary_.reason =
      fmt::format("{} new {}", base::format_count(static_cast<std::int64_t>(pending_.size())),
                  pending_.size() == 1 ? "file" : "files");
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kBegin));
  SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_decode());
  return std::optional<Stage>(std::move(stage));
}

Result<Stage> SourceRun::stage_decode() {
  const std::span<const lake::LandedFile> batch(pending_.data(), batch_files_);
  control::StageContext stage;
  stage.scope = source_.table;
  stage.kind = control::StageKind::kDecode;
  stage.is_bronze = true;
  for (const lake::LandedFile& file : batch) {
    stage.input_bytes += file.bytes;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(stage.output_bytes_last,
                          context_.records.bytes_last_published(source_.table));
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));

  SLUICE_ASSIGN_OR_RETURN(
      bronze_, plan_write(context_.catalog, source_.table, declared_, source_.partition_by, false));
  SLUICE_ASSIGN_OR_RETURN(quarantine_,
                          plan_write(context_.catalog, project::quarantine_table(source_),
                                     job::quarantine_schema(), {}, false));
  job::DecodeJob job = ingest::decode_request(source_, contract_, batch, summary_.id);
  const std::string prefix = summary_.id.text;
  SLUICE_ASSIGN_OR_RETURN(job.bronze, output_table(context_.catalog, bronze_, prefix, settings));
  SLUICE_ASSIGN_OR_RETURN(job.quarantine,
                          output_table(context_.catalog, quarantine_, prefix, settings));
  if (!job.keys.empty() && bronze_.entry) {
    SLUICE_ASSIGN_OR_RETURN(job.existing, scan_input(context_.catalog, source_.table, declared_));
  }
  SLUICE_RETURN_IF_ERROR(context_.files.make_dirs(job.bronze.dir));
  SLUICE_RETURN_IF_ERROR(context_.files.make_dirs(job.quarantine.dir));
  commit_ = base::make_id<base::CommitId>(context_.clock, context_.random);
  RunRow row{summary_.id,
             context_.invocation,
             source_.table,
             "source",
             summary_.reason,
             "append",
             commit_,
             prefix,
             {job.bronze.dir, job.quarantine.dir},
             context_.clock.now()};
  SLUICE_RETURN_IF_ERROR(context_.records.begin_run(row));
  recorded_ = true;
  base::crash_point("run.source.begun");
  const std::string template_id = base::sha256_hex(job.verdict).substr(0, 32);
  return ledger_.make_stage("decode", std::move(job), stage, settings, template_id);
}

Result<std::optional<Stage>> SourceRun::judge(const job::DecodeResult& result) {
  staged_ = result.bronze;
  staged_.insert(staged_.end(), result.quarantine.begin(), result.quarantine.end());
  base::crash_point("run.source.staged");
  std::int64_t refused = 0;
  for (const job::DecodedFile& file : result.files) {
    refused += file.refused;
  }
  if (refused > 0 && source_.on_violation == project::OnViolation::kFail) {
    SLUICE_RETURN_IF_ERROR(end_unpublished(
        RunEvent::kRefused,
        fmt::format(
            "{} broke the contract ({}) and on_violation is fail: nothing of this batch was "
            "published",
            refused == 1 ? "1 record" : base::format_count(refused) + " records",
            refused_text(result.refused))));
    return std::optional<Stage>();
  }
  if (refused > 0) {
    summary_.notes.push_back(fmt::format(
        "{}: {}", source_.on_violation == project::OnViolation::kDrop ? "dropped" : "quarantined",
        refused_text(result.refused)));
  }
  summary_.refused += refused;
  return publish(result);
}

Result<lake::TableChange> SourceRun::bronze_change(const job::DecodeResult& result) {
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange change,
                          table_change(bronze_, lake::Write::kAppend, result.bronze));
  const std::string fresh = base::make_uuid7(context_.clock, context_.random);
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(context_.database));
  SLUICE_ASSIGN_OR_RETURN(const std::string lineage,
                          lake::lineage(transaction, source_.table, fresh));
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  const data::Position to{lineage, pending_[batch_files_ - 1].seq};
  change.set_properties[std::string(lake::kPositionPrefix) + source_.table] = data::to_text(to);
  if (!source_.description.empty()) {
    change.set_properties["comment"] = source_.description;
  }
  change.summary["sluice.run-id"] = summary_.id.text;
  change.summary["sluice.from"] = std::to_string(pending_.front().seq - 1);
  change.summary["sluice.to"] = std::to_string(to.offset);
  change.summary["sluice.contract-version"] = contract_.version;
  return change;
}

Result<std::optional<Stage>> SourceRun::publish(const job::DecodeResult& result) {
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kStaged));
  base::crash_point("run.source.before_publish");
  lake::CommitRequest request;
  request.id = commit_;
  request.fences.push_back(lease_);
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange bronze, bronze_change(result));
  request.changes.push_back(std::move(bronze));
  if (source_.on_violation == project::OnViolation::kDrop) {
    discard_staged(context_.files, result.quarantine);
  } else if (!result.quarantine.empty()) {
    SLUICE_ASSIGN_OR_RETURN(lake::TableChange quarantine,
                            table_change(quarantine_, lake::Write::kAppend, result.quarantine));
    quarantine.summary["sluice.run-id"] = summary_.id.text;
    request.changes.push_back(std::move(quarantine));
  }
  for (const job::StagedFile& file : result.bronze) {
    summary_.rows += file.rows;
    summary_.bytes += file.bytes;
  }
  SLUICE_RETURN_IF_ERROR(commit(std::move(request), result));
  base::crash_point("run.source.published");
  staged_.clear();
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(batch_files_));
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kCommitted));
  context_.log.log(telemetry::Severity::kInfo, "run.published",
                   {{"table", source_.table}, {"run", summary_.id.text}, {"rows", summary_.rows}});
  if (pending_.empty()) {
    return std::optional<Stage>();
  }
  return begin_batch();
}

Status SourceRun::commit(lake::CommitRequest request, const job::DecodeResult& result) {
  request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
    SLUICE_RETURN_IF_ERROR(mark_files(transaction, result));
    SLUICE_ASSIGN_OR_RETURN(summary_.snapshot_id,
                            current_snapshot(context_.catalog, bronze_.table));
    RunSummary ended = summary_;
    ended.state = RunState::kPublished;
    ended.wall_us = (context_.clock.monotonic_ns() - started_ns_) / 1000;
    return context_.records.end_run(transaction, ended, context_.clock.now());
  };
  SLUICE_RETURN_IF_ERROR(context_.catalog.commit(request));
  summary_.wall_us = (context_.clock.monotonic_ns() - started_ns_) / 1000;
  return {};
}

Status SourceRun::mark_files(metastore::Transaction& transaction, const job::DecodeResult& result) {
  if (result.files.size() != batch_files_) {
    return base::internal_error(
        fmt::format("{} files were decoded of {}", result.files.size(), batch_files_));
  }
  const bool drops = source_.on_violation == project::OnViolation::kDrop;
  for (const job::DecodedFile& file : result.files) {
    lake::RecordCounts counts;
    counts.records = file.records;
    counts.committed_rows = file.good;
    counts.quarantined_rows = drops ? 0 : file.refused;
    counts.waived_rows = drops ? file.refused : 0;
    SLUICE_RETURN_IF_ERROR(
        lake::mark_committed(transaction, source_.table, file.seq, counts, commit_));
  }
  return {};
}

Status SourceRun::fail(const base::Error& error) {
  if (error.kind == base::ErrorKind::kCommitStateUnknown) {
    // The files may be the table's by now, so they stay, and the run stays open: the next
    // invocation looks its commit up.
    staged_.clear();
    recorded_ = false;
  }
  return end_unpublished(
      error.kind == base::ErrorKind::kCancelled ? RunEvent::kCancel : RunEvent::kError,
      error.message);
}

Status SourceRun::end_unpublished(RunEvent event, const std::string& error) {
  summary_.error = error;
  summary_.wall_us = (context_.clock.monotonic_ns() - started_ns_) / 1000;
  SLUICE_RETURN_IF_ERROR(move(event));
  discard_staged(context_.files, staged_);
  staged_.clear();
  context_.log.log(telemetry::Severity::kError, "run.failed",
                   {{"table", source_.table}, {"run", summary_.id.text}, {"error", error}});
  return recorded_ ? record_end(context_, summary_) : Status();
}

}  // namespace sluice::run
