#include "sluice/run/source_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/text.h"
#include "sluice/contract/extend.h"
#include "sluice/data/position.h"
#include "sluice/ingest/decode_request.h"
#include "sluice/ingest/infer_request.h"
#include "sluice/ingest/raw_files.h"
#include "sluice/quality/quality_store.h"
#include "sluice/run/contract_checks.h"
#include "sluice/run/known_rows.h"
#include "sluice/run/run_ending.h"
#include "sluice/run/schema_growth.h"
#include "sluice/run/snapshot_keys.h"
#include "sluice/run/table_lease.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr const char* kBatchTable = "_sluice.batch";  // under which checks read the batch alone
constexpr std::size_t kNamesTold = 10;
constexpr std::size_t kUnknownFieldsTold = 100;  // of one file; there may be more

/// Says which columns changed, of refusals for columns that the contract lacks or the files lack;
/// "" when there are none.
std::string changed_columns(const std::vector<job::RefusedCount>& counts) {
  std::vector<std::string> parts;
  for (const job::RefusedCount& count : counts) {
    if (count.rule == "unknown_column" || count.rule == "missing_column") {
      parts.push_back(fmt::format("{} '{}' ({} {})",
                                  count.rule == "unknown_column" ? "new column" : "missing column",
                                  count.column, base::format_count(count.records),
                                  count.records == 1 ? "record" : "records"));
    }
  }
  return base::join(parts, ", ");
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
    : StagedRun(context, context.project.sources[source].table),
      source_(context.project.sources[source]),
      contract_(context.project.contracts[*context.project.sources[source].contract]),
      declared_(context.analysis.sources[source]),
      intake_(context, source_, summary_),
      extracts_(context, source_, summary_, ledger_) {}

Result<std::optional<Stage>> SourceRun::go_on(job::Answer answer) {
  if (const auto* seen = std::get_if<job::InferResult>(&answer)) {
    return grow(*seen);
  }
  if (source_.database && summary_.state == RunState::kWaiting) {
    return go_on_extracted(answer);
  }
  if (summary_.state == RunState::kStaging) {
    auto* decoded = std::get_if<job::DecodeResult>(&answer);
    if (decoded == nullptr) {
      return base::internal_error("a decode was not answered with its result");
    }
    decoded_ = std::move(*decoded);
    staged_ = decoded_.bronze;
    staged_.insert(staged_.end(), decoded_.quarantine.begin(), decoded_.quarantine.end());
    base::crash_point("run.source.staged");
    if (source_.schema_changes == project::SchemaChanges::kDiscardValue) {
      return discard_values();
    }
    if (wants_growth()) {
      SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_infer());
      return std::optional<Stage>(std::move(stage));
    }
    return judge();
  }
  const auto* counts = std::get_if<job::CheckResult>(&answer);
  if (counts == nullptr) {
    return base::internal_error("a check was not answered with counts");
  }
  SLUICE_ASSIGN_OR_RETURN(const bool accepted, judge_checks(*counts));
  if (!accepted) {
    return std::optional<Stage>();
  }
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kAccepted));
  return publish();
}

Result<std::optional<Stage>> SourceRun::begin() {
  SLUICE_ASSIGN_OR_RETURN(lease_, lease_table(context_, source_.table));
  if (source_.database) {
    summary_.id = base::make_id<base::RunId>(context_.clock, context_.random);
    SLUICE_RETURN_IF_ERROR(intake_.open_journal());
    SLUICE_ASSIGN_OR_RETURN(Stage extract, extracts_.begin(lease_));
    return std::optional<Stage>(std::move(extract));
  }
  SLUICE_ASSIGN_OR_RETURN(Stage stage, intake_.begin(lease_));
  return std::optional<Stage>(std::move(stage));
}

Result<std::optional<Stage>> SourceRun::after_task() {
  if (source_.database) {
    SLUICE_RETURN_IF_ERROR(extracts_.land());
    return begin_batches();
  }
  SLUICE_ASSIGN_OR_RETURN(auto task, intake_.after_task());
  return task ? Result<std::optional<Stage>>(std::move(task)) : begin_batches();
}

Result<std::optional<Stage>> SourceRun::go_on_extracted(const job::Answer& answer) {
  const auto* extracted = std::get_if<job::ExtractResult>(&answer);
  if (extracted == nullptr) {
    return base::internal_error("an extract was not answered with its result");
  }
  SLUICE_ASSIGN_OR_RETURN(auto task, extracts_.after_extract(*extracted));
  return task ? Result<std::optional<Stage>>(std::move(task)) : begin_batches();
}

Result<std::optional<Stage>> SourceRun::begin_batches() {
  SLUICE_ASSIGN_OR_RETURN(pending_, intake_.pending());
  if (pending_.empty()) {
    summary_.reason = source_.database ? "no new rows" : "no new files";
    SLUICE_RETURN_IF_ERROR(move(RunEvent::kNothingToDo));
    return std::optional<Stage>();
  }
  return begin_batch();
}

Result<std::optional<Stage>> SourceRun::begin_batch() {
  batch_files_ = ingest::first_batch(pending_).size();
  if (recorded_ || !source_.database) {  // an extract's trace has the first one already
    summary_.id = base::make_id<base::RunId>(context_.clock, context_.random);
  }
  const std::string_view what = source_.database ? "extract" : "file";
  summary_.reason =
      fmt::format("{} new {}{}", base::format_count(static_cast<std::int64_t>(pending_.size())),
                  what, pending_.size() == 1 ? "" : "s");
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kBegin));
  decoded_ = {};
  begun_ = false;
  looked_ = false;
  ignores_ = false;
  forgives_ = false;
  discarded_.clear();
  bool has_columns = true;
  if (may_have_more_columns(source_)) {
    contract::Contract stored = contract_;
    contract::forget_inferred(stored);  // what a sample of the files said is not the table's yet
    SLUICE_RETURN_IF_ERROR(adopt_stored_columns(context_.catalog, source_, stored));
    has_columns = !stored.schema.fields.empty();
    contract_ = std::move(stored);
    declared_ = project::bronze_schema(contract_);
  }
  // A sample of the files named the columns before models were bound; all of them are read now.
  const bool is_first = source_.inferred && !has_columns;
  SLUICE_ASSIGN_OR_RETURN(Stage stage, is_first ? stage_infer() : stage_decode());
  return std::optional<Stage>(std::move(stage));
}

/// Looks at the columns of all of the batch: unknown ones, and those that may have to grow.
Result<Stage> SourceRun::stage_infer() {
  SLUICE_RETURN_IF_ERROR(record_begin());
  looked_ = true;
  job::InferJob job = ingest::infer_request(
      source_, std::span<const lake::LandedFile>(pending_.data(), batch_files_));
  job.rows_max = 0;
  job.bytes_max = 0;
  std::set<std::string> names(contract_.inferred.begin(), contract_.inferred.end());
  bool all = decoded_.files.empty();
  for (const job::DecodedFile& file : decoded_.files) {
    names.insert(file.unknown_fields.begin(), file.unknown_fields.end());
    all = all || file.unknown_fields.size() >= kUnknownFieldsTold;
  }
  if (!all) {
    job.columns.assign(names.begin(), names.end());
  }
  control::StageContext stage = stage_context(control::StageKind::kCheck);
  for (std::size_t i = 0; i < batch_files_; ++i) {
    stage.input_bytes += pending_[i].bytes;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  return ledger_.make_stage("infer", std::move(job), stage, settings, "");
}

/// Says whether the batch has something that the table could grow to hold.
bool SourceRun::wants_growth() const {
  if (source_.schema_changes != project::SchemaChanges::kEvolve || looked_) {
    return false;
  }
  // A double is read into a float without a word.
  const bool may_round =
      source_.format == project::FileFormat::kParquet &&
      std::any_of(contract_.inferred.begin(), contract_.inferred.end(),
                  [&](const std::string& column) {
                    return contract_.column(column)->type.kind == data::TypeKind::kFloat;
                  });
  return may_round ||
         std::any_of(decoded_.files.begin(), decoded_.files.end(),
                     [](const job::DecodedFile& file) { return !file.unknown_fields.empty(); }) ||
         std::any_of(decoded_.refused.begin(), decoded_.refused.end(),
                     [&](const job::RefusedCount& count) {
                       return (count.rule == "type" || count.rule == "unknown_column") &&
                              contract::is_inferred(contract_,
                                                    count.column.substr(0, count.column.find('.')));
                     });
}

/// The first decode refuses values that do not fit, which counts them; the second leaves them out.
Result<std::optional<Stage>> SourceRun::discard_values() {
  if (!forgives_) {
    for (const job::RefusedCount& count : decoded_.refused) {
      const data::Field* field = contract_.column(count.column);
      if (count.rule == "type" && field != nullptr && !field->required) {
        discarded_.push_back(count);
      }
    }
    if (!discarded_.empty()) {
      forgives_ = true;
      discard_staged(context_.files, staged_);
      staged_.clear();
      decoded_ = {};
      SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_decode());
      return std::optional<Stage>(std::move(stage));
    }
  }
  if (const std::string text = discarded_text(); !text.empty()) {
    summary_.notes.push_back(text);
  }
  return judge();
}

/// Says what is not in the table: values of records that are, by column, and unknown columns.
std::string SourceRun::discarded_text() const {
  std::vector<std::string> parts;
  for (const job::RefusedCount& count : discarded_) {
    std::int64_t kept_back = 0;  // all the same, for their key or for being no value at all
    for (const job::RefusedCount& still : decoded_.refused) {
      kept_back += still.rule == count.rule && still.column == count.column ? still.records : 0;
    }
    if (count.records > kept_back) {
      parts.push_back(
          fmt::format("{} of {}", base::format_count(count.records - kept_back), count.column));
    }
  }
  std::set<std::string> unknown;
  for (const job::DecodedFile& file : decoded_.files) {
    unknown.insert(file.unknown_fields.begin(), file.unknown_fields.end());
  }
  std::string text = parts.empty() ? "" : "values left out: " + base::join(parts, ", ");
  if (!unknown.empty()) {
    std::vector<std::string> names(unknown.begin(), unknown.end());
    const std::size_t more = names.size() > kNamesTold ? names.size() - kNamesTold : 0;
    names.resize(names.size() - more);
    text += (text.empty() ? "" : "; ") + std::string("columns left out: ") +
            base::join(names, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
  }
  return text;
}

/// Goes on with the columns that were seen: the batch is decoded anew when there are others now.
Result<std::optional<Stage>> SourceRun::grow(const job::InferResult& seen) {
  const bool is_first = decoded_.files.empty();
  Growth growth =
      grow_contract(contract_, seen, source_.schema_changes != project::SchemaChanges::kEvolve);
  const bool has_unknown =
      std::any_of(decoded_.files.begin(), decoded_.files.end(),
                  [](const job::DecodedFile& file) { return !file.unknown_fields.empty(); });
  ignores_ = growth.rest_is_empty && (is_first || has_unknown) &&
             source_.schema_changes == project::SchemaChanges::kEvolve;
  if (is_first) {
    summary_.notes.push_back(
        fmt::format("no contract: {} columns inferred from {}", growth.contract.inferred.size(),
                    seen.rows == 1 ? "1 record" : base::format_count(seen.rows) + " records"));
  } else if (!growth.added.empty()) {
    summary_.notes.push_back(added_text(growth));
  }
  summary_.notes.insert(summary_.notes.end(), growth.notes.begin(), growth.notes.end());
  base::crash_point("run.source.grown");
  if (!growth.changed && !ignores_ && !is_first) {
    return judge();
  }
  contract_ = std::move(growth.contract);
  if (source_.inferred) {
    contract_.text = contract::columns_as_contract(contract_);
  }
  declared_ = project::bronze_schema(contract_);
  discard_staged(context_.files, staged_);
  staged_.clear();
  decoded_ = {};
  SLUICE_ASSIGN_OR_RETURN(Stage stage, stage_decode());
  return std::optional<Stage>(std::move(stage));
}

/// Enters the batch in the records, before anything of it is written.
Status SourceRun::record_begin() {
  if (begun_) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName bronze, lake::parse_table_name(source_.table));
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName quarantine,
                          lake::parse_table_name(project::quarantine_table(source_)));
  const std::vector<std::string> dirs = {context_.catalog.data_path(bronze),
                                         context_.catalog.data_path(quarantine)};
  for (const std::string& dir : dirs) {
    SLUICE_RETURN_IF_ERROR(context_.files.make_dirs(dir));
  }
  commit_ = base::make_id<base::CommitId>(context_.clock, context_.random);
  const RunRow row{summary_.id,
                   context_.invocation,
                   source_.table,
                   "source",
                   summary_.reason,
                   "append",
                   commit_,
                   summary_.id.text,
                   dirs,
                   context_.clock.now()};
  SLUICE_RETURN_IF_ERROR(context_.records.begin_run(row));
  begun_ = true;
  recorded_ = true;
  base::crash_point("run.source.begun");
  return {};
}

control::StageContext SourceRun::stage_context(control::StageKind kind) const {
  control::StageContext stage;
  stage.scope = source_.table;
  stage.kind = kind;
  stage.is_bronze = true;
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  return stage;
}

Result<Stage> SourceRun::stage_decode() {
  const std::span<const lake::LandedFile> batch(pending_.data(), batch_files_);
  control::StageContext stage = stage_context(control::StageKind::kDecode);
  for (const lake::LandedFile& file : batch) {
    stage.input_bytes += file.bytes;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(stage.output_bytes_last,
                          context_.records.bytes_last_published(source_.table));
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));

  SLUICE_ASSIGN_OR_RETURN(bronze_, plan_write(context_.catalog, source_.table, declared_,
                                              source_.partition_by, false, source_.renames));
  summary_.notes.insert(summary_.notes.end(), bronze_.notes.begin(), bronze_.notes.end());
  SLUICE_ASSIGN_OR_RETURN(quarantine_,
                          plan_write(context_.catalog, project::quarantine_table(source_),
                                     job::quarantine_schema(), {}, false));
  job::DecodeJob job = ingest::decode_request(source_, contract_, batch, summary_.id);
  const bool counts_misfits =
      source_.schema_changes == project::SchemaChanges::kDiscardValue && !forgives_;
  if (counts_misfits) {
    project::Source strict = source_;
    strict.schema_changes = project::SchemaChanges::kDiscardRow;
    job = ingest::decode_request(strict, contract_, batch, summary_.id);
    job.unknown_fields = job::UnknownFields::kIgnore;
  }
  if (ignores_) {
    job.unknown_fields = job::UnknownFields::kIgnore;
  }
  const std::string prefix = summary_.id.text;
  SLUICE_ASSIGN_OR_RETURN(job.bronze, output_table(context_.catalog, bronze_, prefix, settings));
  SLUICE_ASSIGN_OR_RETURN(job.quarantine,
                          output_table(context_.catalog, quarantine_, prefix, settings));
  SLUICE_RETURN_IF_ERROR(
      add_lookups(context_.catalog, context_.project, context_.analysis, source_.table, job));
  if (bronze_.entry) {
    SLUICE_RETURN_IF_ERROR(add_known_rows(context_.catalog, source_, declared_, std::nullopt, job));
  }
  SLUICE_RETURN_IF_ERROR(record_begin());
  digest_ = ingest::decode_digest(job);
  if (counts_misfits) {  // published only if there are none, so the rows are those of either job
    job::DecodeJob forgiving = ingest::decode_request(source_, contract_, {}, summary_.id);
    SLUICE_RETURN_IF_ERROR(add_lookups(context_.catalog, context_.project, context_.analysis,
                                       source_.table, forgiving));
    digest_ = ingest::decode_digest(forgiving);
  }
  return ledger_.make_stage("decode", std::move(job), stage, settings, digest_);
}

/// A referenced file could have been changed under our eyes.
Status SourceRun::check_references() {
  for (std::size_t i = 0; i < batch_files_; ++i) {
    if (ingest::is_referenced(pending_[i])) {
      if (const auto problem =
              ingest::raw_problem(context_.files, pending_[i], ingest::RawCheck::kPresence)) {
        return base::conflict(*problem + " while it was read; run again");
      }
    }
  }
  return {};
}

Result<std::optional<Stage>> SourceRun::judge() {
  SLUICE_RETURN_IF_ERROR(check_references());
  std::int64_t refused = 0;
  for (const job::DecodedFile& file : decoded_.files) {
    refused += file.refused;
  }
  if (source_.schema_changes == project::SchemaChanges::kFreeze) {
    if (const std::string changes = changed_columns(decoded_.refused); !changes.empty()) {
      SLUICE_RETURN_IF_ERROR(end_unpublished(
          RunEvent::kRefused,
          fmt::format("the files have other columns than {} ({}) and schema_changes is freeze: "
                      "nothing of this batch was published; change the contract, or set "
                      "schema_changes: discard_row, and run again",
                      contract_.file, changes)));
      return std::optional<Stage>();
    }
  }
  if (refused > 0 && source_.on_violation == project::OnViolation::kFail) {
    SLUICE_RETURN_IF_ERROR(end_unpublished(
        RunEvent::kRefused,
        fmt::format(
            "{} broke the contract ({}) and on_violation is fail: nothing of this batch was "
            "published",
            refused == 1 ? "1 record" : base::format_count(refused) + " records",
            refused_text(decoded_.refused))));
    return std::optional<Stage>();
  }
  if (refused > 0) {
    summary_.notes.push_back(fmt::format(
        "{}: {}", source_.on_violation == project::OnViolation::kDrop ? "dropped" : "quarantined",
        refused_text(decoded_.refused)));
  }
  summary_.refused += refused;
  summary_.refused_by = decoded_.refused;
  find_checks();
  if (!checks_.empty() && !decoded_.bronze.empty()) {
    return check_batch();
  }
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kStaged));
  return publish();
}

/// Rules of rows that only warn are counted over what the batch adds; rules of the table are judged
/// on the table as it would be.
void SourceRun::find_checks() {
  checks_ = quality::warnings_of(kBatchTable, contract_);
  for (quality::Expectation& reference : quality::references_of(kBatchTable, contract_)) {
    if (reference.severity == contract::Severity::kWarning) {  // others were judged row by row
      checks_.push_back(std::move(reference));
    }
  }
  auto measures =
      quality::measures_of(source_.table, contract_, base::format_iso8601(context_.clock.now()));
  std::move(measures.begin(), measures.end(), std::back_inserter(checks_));
}

Result<std::optional<Stage>> SourceRun::check_batch() {
  SLUICE_RETURN_IF_ERROR(move(RunEvent::kChecksNeeded));
  job::CheckJob job;
  job::ScanInput batch = staged_input(kBatchTable, bronze_.schema, decoded_.bronze);
  // A table that this commit makes has no older rows, whatever another target's has.
  job::ScanInput whole{source_.table, bronze_.schema, {}};
  if (bronze_.entry) {
    SLUICE_ASSIGN_OR_RETURN(whole, scan_input(context_.catalog, source_.table, declared_));
  }
  whole.schema = bronze_.schema;
  whole.files.insert(whole.files.end(), batch.files.begin(), batch.files.end());
  job.inputs = {std::move(batch), std::move(whole)};
  SLUICE_RETURN_IF_ERROR(
      add_contract_inputs(*source_.contract, source_.table, context_, job.inputs));
  for (const quality::Expectation& expectation : checks_) {
    job.checks.push_back(expectation.check);
  }
  control::StageContext stage = stage_context(control::StageKind::kCheck);
  for (const job::StagedFile& file : decoded_.bronze) {
    stage.input_bytes += file.bytes;
    stage.input_rows += file.rows;
    ++stage.input_files;
  }
  SLUICE_ASSIGN_OR_RETURN(const control::StageSettings settings, ledger_.decide(stage));
  return std::optional<Stage>(
      ledger_.make_stage("check", std::move(job), stage, settings, digest_));
}

/// Returns whether the batch may be published; if not, the run has ended and its files stay landed.
Result<bool> SourceRun::judge_checks(const job::CheckResult& counts) {
  SLUICE_ASSIGN_OR_RETURN(const quality::Verdict verdict, quality::judge(checks_, counts));
  SLUICE_RETURN_IF_ERROR(quality::record_results(context_.database, summary_.id, source_.table,
                                                 verdict, context_.clock.now()));
  for (const quality::QualityResult& result : verdict.results) {
    if (!result.passed && result.severity == contract::Severity::kWarning) {
      summary_.notes.push_back(quality::warning_text(result));
    }
  }
  if (verdict.publish) {
    return true;
  }
  SLUICE_RETURN_IF_ERROR(end_unpublished(
      RunEvent::kRefused,
      fmt::format("{}; nothing of this batch was published, its {} landed and the next run "
                  "judges {} again",
                  verdict.reason,
                  batch_files_ == 1 ? std::string("file stays")
                                    : fmt::format("{} files stay", batch_files_),
                  batch_files_ == 1 ? "it" : "them")));
  return false;
}

Result<lake::TableChange> SourceRun::bronze_change() {
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange change,
                          table_change(bronze_, lake::Write::kAppend, decoded_.bronze));
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
  SLUICE_ASSIGN_OR_RETURN(auto said, contract_properties(context_.catalog, bronze_, &contract_));
  change.set_properties.merge(std::move(said));
  if (!contract_.inferred.empty()) {
    change.set_properties[kInferredProperty] = base::join(contract_.inferred, ",");
  }
  if (source_.database) {
    SLUICE_ASSIGN_OR_RETURN(const auto position,
                            ingest::extract_of_file(context_.database, source_.table, to.offset));
    if (position) {
      change.set_properties[ingest::extract_property(source_.table)] = ingest::to_text(*position);
    }
  }
  change.summary["sluice.run-id"] = summary_.id.text;
  change.summary[kFromKey] = std::to_string(pending_.front().seq - 1);
  change.summary["sluice.to"] = std::to_string(to.offset);
  change.summary["sluice.contract-version"] = contract_.version;
  change.summary[kDecodeDigestKey] = digest_;
  return change;
}

Result<std::optional<Stage>> SourceRun::publish() {
  base::crash_point("run.source.before_publish");
  lake::CommitRequest request;
  request.id = commit_;
  request.fences.push_back(lease_);
  SLUICE_ASSIGN_OR_RETURN(lake::TableChange bronze, bronze_change());
  request.changes.push_back(std::move(bronze));
  if (source_.on_violation == project::OnViolation::kDrop) {
    discard_staged(context_.files, decoded_.quarantine);
  } else if (!decoded_.quarantine.empty()) {
    SLUICE_ASSIGN_OR_RETURN(lake::TableChange quarantine,
                            table_change(quarantine_, lake::Write::kAppend, decoded_.quarantine));
    quarantine.summary["sluice.run-id"] = summary_.id.text;
    request.changes.push_back(std::move(quarantine));
  }
  for (const job::StagedFile& file : decoded_.bronze) {
    summary_.rows += file.rows;
    summary_.bytes += file.bytes;
  }
  SLUICE_RETURN_IF_ERROR(commit(std::move(request)));
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

Status SourceRun::commit(lake::CommitRequest request) {
  SLUICE_RETURN_IF_ERROR(note_counts());
  request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
    SLUICE_RETURN_IF_ERROR(mark_files(transaction));
    SLUICE_ASSIGN_OR_RETURN(summary_.snapshot_id,
                            current_snapshot(context_.catalog, bronze_.table));
    RunSummary ended = summary_;
    ended.state = RunState::kPublished;
    ended.wall_us = elapsed_us();
    return context_.records.end_run(transaction, ended, context_.clock.now());
  };
  SLUICE_RETURN_IF_ERROR(context_.catalog.commit(request));
  summary_.wall_us = elapsed_us();
  return {};
}

lake::RecordCounts SourceRun::counts_of(const job::DecodedFile& file) const {
  const bool drops = source_.on_violation == project::OnViolation::kDrop;
  lake::RecordCounts counts;
  counts.records = file.records;
  counts.committed_rows = file.good;
  counts.quarantined_rows = drops ? 0 : file.refused;
  counts.waived_rows = drops ? file.refused : 0;
  return counts;
}

/// Notes in the journal where the records will be once the commit has taken place.
Status SourceRun::note_counts() {
  std::vector<lake::JournalLine> lines;
  for (std::size_t i = 0; i < batch_files_ && i < decoded_.files.size(); ++i) {
    const auto decoded =
        std::find_if(decoded_.files.begin(), decoded_.files.end(),
                     [&](const job::DecodedFile& file) { return file.seq == pending_[i].seq; });
    if (decoded == decoded_.files.end()) {
      return base::internal_error(fmt::format("file {} was not decoded", pending_[i].seq));
    }
    lake::LandedFile file = pending_[i];
    file.state = lake::LandedState::kCommitted;
    file.counts = counts_of(*decoded);
    file.commit_id = commit_;
    lines.push_back({std::move(file), commit_});
  }
  return intake_.journal().append(lines);
}

Status SourceRun::mark_files(metastore::Transaction& transaction) {
  if (decoded_.files.size() != batch_files_) {
    return base::internal_error(
        fmt::format("{} files were decoded of {}", decoded_.files.size(), batch_files_));
  }
  for (const job::DecodedFile& file : decoded_.files) {
    SLUICE_RETURN_IF_ERROR(
        lake::mark_committed(transaction, source_.table, file.seq, counts_of(file), commit_));
  }
  return {};
}

void SourceRun::forget_unpublished() {
  extracts_.forget();
  // Rows of batches that were published before stay counted.
}

}  // namespace sluice::run
