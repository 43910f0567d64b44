#include "sluice/run/source_rollback.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sluice/base/crash_point.h"
#include "sluice/data/position.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/landing_journal.h"
#include "sluice/metastore/lease.h"
#include "sluice/run/quarantine_records.h"
#include "sluice/run/table_files.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::int64_t kLeaseTtlUs = std::int64_t{600} * 1'000'000;

/// Settled records by landed file.
struct Settled {
  std::map<std::int64_t, std::int64_t> replayed;
  std::map<std::int64_t, std::int64_t> waived;
};

class Rollback {
 public:
  Rollback(lake::Catalog& catalog, engine::Engine& engine, const project::Source& source,
           std::int64_t snapshot_id, bool rewind, const job::Limits& limits,
           const base::Clock& clock, base::Random& random, std::stop_token stop)
      : catalog_(catalog),
        engine_(engine),
        source_(source),
        target_(snapshot_id),
        rewind_(rewind),
        limits_(limits),
        clock_(clock),
        random_(random),
        stop_(std::move(stop)) {}

  Result<SourceRollback> run() {
    lake::CommitRequest request;
    request.id = base::make_id<base::CommitId>(clock_, random_);
    SLUICE_ASSIGN_OR_RETURN(
        const metastore::Lease lease,
        metastore::acquire_lease(catalog_.database(), source_.table, "front", kLeaseTtlUs, clock_));
    request.fences.push_back(lease);
    SLUICE_RETURN_IF_ERROR(find_undone());
    SLUICE_RETURN_IF_ERROR(change_quarantine(request));
    SLUICE_RETURN_IF_ERROR(judge_files());
    SLUICE_RETURN_IF_ERROR(change_bronze(request));
    SLUICE_RETURN_IF_ERROR(note(request.id));
    request.in_transaction = [&](metastore::Transaction& transaction) -> Status {
      for (const lake::LandedFile& file : undone_) {
        SLUICE_RETURN_IF_ERROR(
            lake::mark_rolled_back(transaction, source_.table, file.seq, rewind_));
      }
      for (const lake::LandedFile& file : changed_) {
        SLUICE_RETURN_IF_ERROR(lake::put_landed(transaction, file));
      }
      return {};
    };
    base::crash_point("run.rollback.before_publish");
    SLUICE_ASSIGN_OR_RETURN(lake::CommitOutcome outcome, catalog_.commit(request));
    const auto own = std::find_if(outcome.tables.begin(), outcome.tables.end(),
                                  [&](const auto& one) { return one.table == bronze_.table; });
    return SourceRollback{*own, static_cast<std::int64_t>(undone_.size())};
  }

 private:
  /// The commits after the target, newest first, as far back as the target.
  Status find_undone() {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(source_.table));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog_.find(name));
    if (!entry) {
      return base::not_found(fmt::format("there is no table {}", source_.table));
    }
    bronze_ = *entry;
    SLUICE_ASSIGN_OR_RETURN(metadata_, catalog_.load_location(bronze_.metadata_location));
    std::set<std::int64_t> snapshots;
    const lake::Snapshot* at = metadata_->current_snapshot();
    while (at != nullptr && at->id != target_) {
      snapshots.insert(at->id);
      at = at->parent_id ? metadata_->snapshot(*at->parent_id) : nullptr;
    }
    if (at == nullptr) {
      return base::invalid_input(
          fmt::format("snapshot {} is not one that {} came from", target_, source_.table));
    }
    if (snapshots.empty()) {
      return base::invalid_input(
          fmt::format("{} is at snapshot {} already", source_.table, target_));
    }
    SLUICE_ASSIGN_OR_RETURN(const auto commits,
                            lake::list_table_commits(catalog_.database(), name));
    for (const lake::LedgerEntry& commit : commits) {
      const auto& snapshot = commit.tables.front().snapshot_id;
      if (snapshot && snapshots.contains(*snapshot)) {
        commits_.insert(commit.id);
        first_undone_us_ = std::min(first_undone_us_, commit.committed_at_us);
      }
    }
    return {};
  }

  /// The quarantine table goes back to what it was before the first commit that is undone.
  Status change_quarantine(lake::CommitRequest& request) {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name,
                            lake::parse_table_name(project::quarantine_table(source_)));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog_.find(name));
    if (!entry) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(const auto commits,
                            lake::list_table_commits(catalog_.database(), name));
    std::optional<std::int64_t> before;
    const auto after = std::find_if(commits.begin(), commits.end(), [&](const auto& commit) {
      return commit.committed_at_us >= first_undone_us_;
    });
    if (after != commits.begin()) {
      const std::string& location = std::prev(after)->tables.front().metadata_location;
      SLUICE_ASSIGN_OR_RETURN(const auto then, catalog_.load_location(location));
      before = then->current_snapshot_id;
    }
    lake::TableChange change;
    change.table = name;
    change.base_metadata_location = entry->metadata_location;
    if (before) {
      SLUICE_ASSIGN_OR_RETURN(settled_, settled_at(*before));
      change.make_current = before;
    } else {
      change.write = lake::Write::kReplaceAll;
    }
    if (before != entry->current_snapshot_id) {
      request.changes.push_back(std::move(change));
    }
    return {};
  }

  Result<Settled> settled_at(std::int64_t snapshot) {
    Settled settled;
    job::QueryJob job;
    SLUICE_ASSIGN_OR_RETURN(job::ScanInput held,
                            scan_input(catalog_, project::quarantine_table(source_),
                                       job::quarantine_schema(), snapshot));
    job.sql = fmt::format("SELECT file_id, status, count(*) FROM {} GROUP BY ALL",
                          sql::quote_table(held.name));
    job.inputs.push_back(std::move(held));
    const auto add = [&](data::Batch batch) -> Status {
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        const auto& status = std::get<std::string>(batch.columns[1].values[row]);
        const auto file = std::get<std::int64_t>(batch.columns[0].values[row]);
        const auto count = std::get<std::int64_t>(batch.columns[2].values[row]);
        if (status == kReplayed) {
          settled.replayed[file] += count;
        } else if (status == kWaived) {
          settled.waived[file] += count;
        }
      }
      return {};
    };
    SLUICE_RETURN_IF_ERROR(engine_.execute({std::move(job), limits_}, add, stop_));
    return settled;
  }

  /// Parts the landed files into those that are undone and those whose counts change.
  Status judge_files() {
    SLUICE_ASSIGN_OR_RETURN(const auto landed,
                            lake::list_landed(catalog_.database(), source_.table));
    for (lake::LandedFile file : landed) {
      if (file.state != lake::LandedState::kCommitted || !file.counts || !file.commit_id) {
        continue;
      }
      if (commits_.contains(*file.commit_id)) {
        undone_.push_back(std::move(file));
        continue;
      }
      lake::RecordCounts& counts = *file.counts;
      const lake::RecordCounts was = counts;
      const std::int64_t replayed = settled_.replayed[file.seq];
      const std::int64_t waived = settled_.waived[file.seq];
      counts.committed_rows += replayed - was.replayed_rows;
      counts.waived_rows += waived - was.waived_by_user;
      counts.quarantined_rows += was.replayed_rows + was.waived_by_user - replayed - waived;
      counts.replayed_rows = replayed;
      counts.waived_by_user = waived;
      if (counts != was) {
        changed_.push_back(std::move(file));
      }
    }
    return {};
  }

  Status change_bronze(lake::CommitRequest& request) {
    lake::TableChange change;
    change.table = bronze_.table;
    change.base_metadata_location = bronze_.metadata_location;
    change.make_current = target_;
    const std::string property = std::string(lake::kPositionPrefix) + source_.table;
    const auto found = metadata_->properties.find(property);
    if (rewind_ && !undone_.empty() && found != metadata_->properties.end()) {
      SLUICE_ASSIGN_OR_RETURN(data::Position position, data::parse_position(found->second));
      position.offset = undone_.front().seq - 1;
      change.set_properties[property] = data::to_text(position);
    }
    request.changes.push_back(std::move(change));
    return {};
  }

  Status note(const base::CommitId& commit) {
    std::vector<lake::JournalLine> lines;
    for (lake::LandedFile file : undone_) {
      file.state = rewind_ ? lake::LandedState::kRaw : lake::LandedState::kRolledBack;
      file.counts.reset();
      file.commit_id.reset();
      lines.push_back({std::move(file), commit});
    }
    for (const lake::LandedFile& file : changed_) {
      lines.push_back({file, commit});
    }
    lake::LandingJournal journal(catalog_.files(), catalog_.metadata_path(bronze_.table));
    SLUICE_RETURN_IF_ERROR(journal.catch_up(catalog_.database(), source_.table));
    return journal.append(lines);
  }

  lake::Catalog& catalog_;
  engine::Engine& engine_;
  const project::Source& source_;
  const std::int64_t target_;
  const bool rewind_;
  const job::Limits& limits_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::stop_token stop_;
  lake::TableEntry bronze_;
  lake::TableMetadataPtr metadata_;
  std::set<base::CommitId> commits_;
  std::int64_t first_undone_us_ = INT64_MAX;
  Settled settled_;
  std::vector<lake::LandedFile> undone_;
  std::vector<lake::LandedFile> changed_;
};

}  // namespace

Result<SourceRollback> roll_back_source(lake::Catalog& catalog, engine::Engine& engine,
                                        const project::Source& source, std::int64_t snapshot_id,
                                        bool rewind, const job::Limits& limits,
                                        const base::Clock& clock, base::Random& random,
                                        std::stop_token stop) {
  return Rollback(catalog, engine, source, snapshot_id, rewind, limits, clock, random,
                  std::move(stop))
      .run();
}

}  // namespace sluice::run
