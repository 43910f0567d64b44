#include "sluice/run/erasure.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/digest.h"
#include "sluice/base/text.h"
#include "sluice/ingest/raw_files.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/landing_journal.h"
#include "sluice/lake/table_history.h"
#include "sluice/metastore/lease.h"
#include "sluice/run/raw_redaction.h"
#include "sluice/run/table_files.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::int64_t kLeaseTtlUs = std::int64_t{3600} * 1'000'000;
constexpr const char* kErasedKey = "sluice.erased";

/// The sources that are meant, by index.
Result<std::vector<std::size_t>> meant_sources(const project::Project& project,
                                               const ErasureOptions& options) {
  std::vector<std::size_t> meant;
  std::vector<std::string> columns;
  std::vector<std::string> tables;
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    const project::Source& source = project.sources[i];
    tables.push_back(source.table);
    if (!source.contract) {
      continue;
    }
    const data::Schema& schema = project.contracts[*source.contract].schema;
    for (const data::Field& field : schema.fields) {
      columns.push_back(field.name);
    }
    const bool asked = options.tables.empty() ||
                       std::count(options.tables.begin(), options.tables.end(), source.table) > 0;
    if (asked && schema.find(options.key.column) != nullptr) {
      meant.push_back(i);
    }
  }
  for (const std::string& table : options.tables) {
    if (std::count(tables.begin(), tables.end(), table) == 0) {
      const std::string near = base::nearest(table, tables);
      return base::not_found(fmt::format("there is no source {}{}", table,
                                         near.empty() ? "" : "; did you mean " + near + "?"));
    }
  }
  if (meant.empty()) {
    const std::string near = base::nearest(options.key.column, columns);
    return base::not_found(fmt::format("no source that is meant has a column '{}'{}",
                                       options.key.column,
                                       near.empty() ? "" : "; did you mean " + near + "?"));
  }
  return meant;
}

/// Tables of the models that follow from sources, in topological order.
std::vector<std::string> models_after(const project::Graph& graph,
                                      const std::set<std::string>& sources) {
  std::set<std::size_t> touched;
  std::vector<std::string> models;
  for (std::size_t i = 0; i < graph.tables.size(); ++i) {
    const project::GraphTable& table = graph.tables[i];
    const bool follows = std::any_of(table.upstream.begin(), table.upstream.end(),
                                     [&](std::size_t up) { return touched.contains(up); });
    if (sources.contains(table.name) || follows) {
      touched.insert(i);
    }
    if (follows) {
      models.push_back(table.name);
    }
  }
  return models;
}

Result<lake::TableMetadataPtr> find_metadata(lake::Catalog& catalog, const std::string& table) {
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
  return entry ? catalog.load_location(entry->metadata_location)
               : Result<lake::TableMetadataPtr>(nullptr);
}

/// What copies of the records there are that are not ours to change.
std::vector<std::string> remaining_copies(storage::FileIo& files,
                                          const std::vector<SourceErasure>& sources) {
  std::vector<std::string> remains;
  for (const SourceErasure& source : sources) {
    for (const auto& [seq, records] : source.raw) {
      const auto file = std::find_if(source.landed.begin(), source.landed.end(),
                                     [&](const lake::LandedFile& one) { return one.seq == seq; });
      if (ingest::is_referenced(*file)) {
        remains.push_back(fmt::format(
            "{} is read where it lies (raw: reference): remove the records there, or the file",
            file->raw_path));
      } else if (files.exists(file->original_name).value_or(false)) {
        remains.push_back(
            fmt::format("{} is still where it was dropped: remove it, it is not "
                        "landed again",
                        file->original_name));
      }
    }
  }
  remains.emplace_back("files that were exported, backups of the warehouse and other systems");
  return remains;
}

/// Makes the group's commit.
class ErasureCommit {
 public:
  ErasureCommit(const ErasureScan& scan, const ErasureOptions& options, const ErasurePlan& plan,
                Records& records, const base::Clock& clock, base::Random& random,
                std::stop_token stop)
      : scan_(scan),
        options_(options),
        plan_(plan),
        records_(records),
        clock_(clock),
        random_(random),
        stop_(std::move(stop)),
        run_(base::make_id<base::RunId>(clock, random)),
        commit_(base::make_id<base::CommitId>(clock, random)) {}

  Result<Erasure> run() {
    fill_erasure();
    SLUICE_RETURN_IF_ERROR(begin());
    base::crash_point("run.erase.begun");
    lake::CommitRequest request;
    request.id = commit_;
    for (const SourceErasure& source : plan_.sources) {
      SLUICE_RETURN_IF_ERROR(prepare_source(source, request));
    }
    base::crash_point("run.erase.staged");
    request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
      for (const lake::LandedFile& file : changed_) {
        SLUICE_RETURN_IF_ERROR(lake::put_landed(transaction, file));
      }
      SLUICE_RETURN_IF_ERROR(insert_erasure(transaction, erasure_));
      RunSummary ended;
      ended.id = run_;
      ended.table = table_;
      ended.state = RunState::kPublished;
      ended.reason = "erasure " + erasure_.id;
      return records_.end_run(transaction, ended, clock_.now());
    };
    SLUICE_RETURN_IF_ERROR(scan_.catalog.commit(request));
    base::crash_point("run.erase.published");
    return std::move(erasure_);
  }

 private:
  void fill_erasure() {
    erasure_.id = base::make_uuid7(clock_, random_);
    erasure_.column = options_.key.column;
    for (int i = 0; i < 2; ++i) {
      erasure_.salt += fmt::format("{:016x}", random_.next_u64());
    }
    erasure_.key_hash =
        base::sha256_hex(erasure_.salt + options_.key.column + "=" + options_.key.value);
    erasure_.by = options_.by;
    erasure_.commit = commit_;
    erasure_.committed_at = clock_.now();
    erasure_.models = plan_.models;
    erasure_.remains = plan_.remains;
    erasure_.drop_tags = options_.drop_tags;
  }

  const project::Source& source_of(const SourceErasure& source) const {
    return scan_.project.sources[source.source];
  }

  /// Enters the run, so that what is staged is removed should this process die.
  Status begin() {
    RunRow row;
    row.id = run_;
    row.invocation = options_.invocation;
    row.table = table_ = source_of(plan_.sources.front()).table;
    row.kind = "erase";
    row.reason = "erasure " + erasure_.id;
    row.tactic = "copy_on_write";
    row.commit = commit_;
    row.file_prefix = run_.text;
    row.started_at = clock_.now();
    for (const SourceErasure& source : plan_.sources) {
      for (const std::string& table :
           {source_of(source).table, project::quarantine_table(source_of(source))}) {
        SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
        row.dirs.push_back(scan_.catalog.data_path(name));
        SLUICE_RETURN_IF_ERROR(scan_.catalog.files().make_dirs(row.dirs.back()));
      }
    }
    return records_.begin_run(row);
  }

  Status prepare_source(const SourceErasure& found, lake::CommitRequest& request) {
    const project::Source& source = source_of(found);
    SLUICE_ASSIGN_OR_RETURN(const metastore::Lease lease,
                            metastore::acquire_lease(scan_.catalog.database(), source.table,
                                                     "front", kLeaseTtlUs, clock_));
    request.fences.push_back(lease);
    SLUICE_ASSIGN_OR_RETURN(
        const WritePlan bronze,
        plan_write(scan_.catalog, source.table, scan_.analysis.sources[found.source],
                   source.partition_by, false, source.renames));
    if (bronze.entry) {
      SLUICE_RETURN_IF_ERROR(
          prepare_table(bronze, found.bronze, found.bronze_condition, true, request));
    }
    SLUICE_ASSIGN_OR_RETURN(const WritePlan quarantine,
                            plan_write(scan_.catalog, project::quarantine_table(source),
                                       job::quarantine_schema(), {}, false));
    if (quarantine.entry) {
      SLUICE_RETURN_IF_ERROR(
          prepare_table(quarantine, found.quarantine, found.quarantine_condition, false, request));
    }
    SLUICE_RETURN_IF_ERROR(prepare_raw(found));
    return note(source, found);
  }

  /// Writes the touched files anew. A source's own table gets a snapshot in any case, so that an
  /// audit knows from where on raw files and rows can be compared again.
  Status prepare_table(const WritePlan& write, const QuarantineSurvey& survey,
                       const std::string& condition, bool always, lake::CommitRequest& request) {
    const std::int64_t rows = survey.total();
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            scan_.catalog.load_location(write.entry->metadata_location));
    if ((rows == 0 && !always) || metadata->current_snapshot() == nullptr) {
      return {};
    }
    std::vector<job::StagedFile> staged;
    if (rows > 0) {
      SLUICE_ASSIGN_OR_RETURN(staged, rewrite(write, survey, condition));
    }
    SLUICE_ASSIGN_OR_RETURN(
        lake::TableChange change,
        table_change(write, rows > 0 ? lake::Write::kRewrite : lake::Write::kAppend, staged));
    std::set<std::string> removed;
    for (const lake::DataFile& file : survey.files) {
      change.removed.push_back(file.path);
      removed.insert(file.path);
    }
    change.forget = true;
    change.summary[kErasedKey] = std::to_string(rows);
    change.summary["sluice.run-id"] = run_.text;
    std::set<std::int64_t> kept;
    for (const auto& [name, ref] : metadata->refs) {
      if (name == "main") {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const bool clean,
                              is_clean(scan_.catalog.files(), *metadata, ref.snapshot_id, removed));
      if (clean) {
        kept.insert(ref.snapshot_id);
      } else {
        change.set_refs[name] = std::nullopt;
      }
    }
    for (const lake::SnapshotPtr& snapshot : metadata->snapshots) {
      if (!kept.contains(snapshot->id)) {
        change.drop_snapshots.push_back(snapshot->id);
      }
    }
    erasure_.tables.push_back({lake::to_text(write.table), rows,
                               static_cast<std::int64_t>(survey.files.size()),
                               static_cast<std::int64_t>(change.drop_snapshots.size())});
    request.changes.push_back(std::move(change));
    return {};
  }

  Result<std::vector<job::StagedFile>> rewrite(const WritePlan& write,
                                               const QuarantineSurvey& survey,
                                               const std::string& condition) {
    job::StageJob job;
    const std::string table = lake::to_text(write.table);
    job::ScanInput held{table, write.schema, {}};
    std::int64_t rows = 0;
    for (const lake::DataFile& file : survey.files) {
      SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(file.path));
      held.files.push_back({std::move(path), file.record_count, file.file_size_bytes});
      rows += file.record_count;
    }
    job.inputs.push_back(std::move(held));
    job.sql = fmt::format("SELECT * FROM {} WHERE NOT {}", sql::quote_table(table), condition);
    control::StageSettings settings;
    settings.compression = "zstd";
    settings.compression_level = 3;
    settings.file_bytes_target = std::int64_t{128} << 20;
    SLUICE_ASSIGN_OR_RETURN(job.output, output_table(scan_.catalog, write, run_.text, settings));
    SLUICE_ASSIGN_OR_RETURN(const job::Response response,
                            scan_.engine.execute({std::move(job), scan_.limits}, {}, stop_));
    const auto* written = std::get_if<job::StageResult>(&response.answer);
    if (written == nullptr) {
      return base::internal_error("a rewrite was not answered with staged files");
    }
    for (const job::StagedFile& file : written->files) {
      rows -= file.rows;
    }
    if (rows != survey.total()) {
      return base::internal_error(fmt::format("the rewrite of {} took out {} rows, {} are meant",
                                              table, rows, survey.total()));
    }
    return written->files;
  }

  /// Writes what the raw files will be, beside them.
  Status prepare_raw(const SourceErasure& found) {
    for (const auto& [seq, places] : found.raw) {
      const auto file = std::find_if(
          found.landed.begin(), found.landed.end(),
          [&, wanted = seq](const lake::LandedFile& one) { return one.seq == wanted; });
      if (ingest::is_referenced(*file)) {
        continue;
      }
      ErasedRaw raw{source_of(found).table, seq, file->raw_path, "",
                    static_cast<std::int64_t>(places.size())};
      if (!found.opaque.contains(seq)) {
        raw.replacement = file->raw_path + ".erased-" + erasure_.id;
        SLUICE_RETURN_IF_ERROR(blank_records(scan_.catalog.files(), file->raw_path, raw.replacement,
                                             places, source_of(found).format));
      }
      erasure_.raw.push_back(std::move(raw));
    }
    return {};
  }

  /// Works out how the ledger will stand, and notes it in the journal.
  Status note(const project::Source& source, const SourceErasure& found) {
    std::vector<lake::JournalLine> lines;
    for (lake::LandedFile file : found.landed) {
      const auto raw = std::find_if(erasure_.raw.begin(), erasure_.raw.end(), [&](const auto& one) {
        return one.source == source.table && one.seq == file.seq;
      });
      const auto count = [&](const QuarantineSurvey& survey) {
        const auto records = survey.records.find(file.seq);
        return records == survey.records.end() ? 0 : records->second;
      };
      const std::int64_t rows = count(found.bronze) + count(found.quarantine);
      if (raw == erasure_.raw.end() && rows == 0) {
        continue;
      }
      if (raw != erasure_.raw.end()) {
        storage::CopiedFile left;
        if (!raw->replacement.empty()) {
          SLUICE_ASSIGN_OR_RETURN(left, scan_.catalog.files().hash(raw->replacement));
        }
        file.raw_sha256 = left.sha256;
        file.raw_bytes = left.bytes;
        if (raw->replacement.empty() && file.state == lake::LandedState::kRaw) {
          file.state = lake::LandedState::kRefused;
          file.reason = "erased before it was read";
        }
      }
      if (file.counts) {
        lake::RecordCounts& counts = *file.counts;
        const std::int64_t open = count(found.by_status.at(std::string(kOpen)));
        const std::int64_t replayed = count(found.by_status.at(std::string(kReplayed)));
        const std::int64_t waived = count(found.by_status.at(std::string(kWaived)));
        counts.committed_rows -= count(found.bronze);
        counts.quarantined_rows -= open;
        counts.replayed_rows -= replayed;
        counts.waived_rows -= waived;
        counts.waived_by_user -= waived;
        counts.erased_rows += count(found.bronze) + open + waived;
      }
      lines.push_back({file, commit_});
      changed_.push_back(std::move(file));
    }
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName table, lake::parse_table_name(source.table));
    lake::LandingJournal journal(scan_.catalog.files(), scan_.catalog.metadata_path(table));
    SLUICE_RETURN_IF_ERROR(journal.catch_up(scan_.catalog.database(), source.table));
    return journal.append(lines);
  }

  const ErasureScan& scan_;
  const ErasureOptions& options_;
  const ErasurePlan& plan_;
  Records& records_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::stop_token stop_;
  const base::RunId run_;
  const base::CommitId commit_;
  std::string table_;  // under which the run is recorded
  Erasure erasure_;
  std::vector<lake::LandedFile> changed_;
};

/// Tags and branches that name a snapshot which may have the records.
Status find_tags(const ErasureScan& scan, ErasurePlan& plan) {
  const auto look = [&](const std::string& table, const QuarantineSurvey* survey) -> Status {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, find_metadata(scan.catalog, table));
    if (metadata == nullptr) {
      return {};
    }
    std::set<std::string> removed;
    for (const lake::DataFile& file :
         survey == nullptr ? std::vector<lake::DataFile>() : survey->files) {
      removed.insert(file.path);
    }
    for (const auto& [name, ref] : metadata->refs) {
      bool clean = name == "main";
      if (!clean && survey != nullptr) {
        SLUICE_ASSIGN_OR_RETURN(
            clean, is_clean(scan.catalog.files(), *metadata, ref.snapshot_id, removed));
      }
      if (!clean) {
        plan.tags.push_back(fmt::format("{}: {}", table, name));
      }
    }
    return {};
  };
  for (const SourceErasure& source : plan.sources) {
    const project::Source& declared = scan.project.sources[source.source];
    SLUICE_RETURN_IF_ERROR(look(declared.table, &source.bronze));
    SLUICE_RETURN_IF_ERROR(look(project::quarantine_table(declared), &source.quarantine));
  }
  for (const std::string& model : plan.models) {
    SLUICE_RETURN_IF_ERROR(look(model, nullptr));
  }
  return {};
}

}  // namespace

Result<ErasurePlan> plan_erasure(const ErasureScan& scan, const ErasureOptions& options,
                                 std::stop_token stop) {
  if (options.key.value.empty()) {
    return base::invalid_input("an erasure needs a value that is not empty");
  }
  SLUICE_ASSIGN_OR_RETURN(const auto meant, meant_sources(scan.project, options));
  ErasurePlan plan;
  std::set<std::string> touched;
  for (const std::size_t source : meant) {
    plan.searched.push_back(scan.project.sources[source].table);
    SLUICE_ASSIGN_OR_RETURN(SourceErasure found, survey_source(scan, source, options.key, stop));
    if (found.found()) {
      touched.insert(scan.project.sources[source].table);
      plan.sources.push_back(std::move(found));
    }
  }
  plan.models = models_after(scan.analysis.graph, touched);
  for (const std::string& model : plan.models) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, find_metadata(scan.catalog, model));
    if (metadata != nullptr && lake::held_at(*metadata)) {
      return base::conflict(
          fmt::format("{} follows from the records and is held at an older snapshot: 'sluice "
                      "rollback {} --release' first",
                      model, model));
    }
  }
  SLUICE_RETURN_IF_ERROR(find_tags(scan, plan));
  plan.remains = remaining_copies(scan.catalog.files(), plan.sources);
  for (const project::Target& target : scan.project.targets) {
    if (target.warehouse != scan.catalog.warehouse()) {
      plan.remains.push_back(
          fmt::format("target {} has a warehouse of its own: 'sluice erase --target {}'",
                      target.name, target.name));
    }
  }
  return plan;
}

Result<Erasure> commit_erasure(const ErasureScan& scan, const ErasureOptions& options,
                               const ErasurePlan& plan, Records& records, const base::Clock& clock,
                               base::Random& random, std::stop_token stop) {
  if (!plan.tags.empty() && !options.drop_tags) {
    return base::conflict(
        fmt::format("these name snapshots that may have the records: {}; --drop-tags removes them",
                    base::join(plan.tags, ", ")));
  }
  return ErasureCommit(scan, options, plan, records, clock, random, std::move(stop)).run();
}

}  // namespace sluice::run
