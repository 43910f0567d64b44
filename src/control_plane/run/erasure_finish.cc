#include "sluice/run/erasure_finish.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/table_audit.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

class Finish {
 public:
  Finish(lake::Catalog& catalog, const base::Clock& clock, base::Random& random)
      : catalog_(catalog), clock_(clock), random_(random) {}

  Result<FinishedErasure> run(Erasure erasure) {
    FinishedErasure finished{std::move(erasure), {}, 0};
    SLUICE_RETURN_IF_ERROR(replace_raw(finished.erasure));
    base::crash_point("run.erase.raw_replaced");
    SLUICE_RETURN_IF_ERROR(forget_models(finished));
    SLUICE_RETURN_IF_ERROR(remove_files(finished));
    base::crash_point("run.erase.files_removed");
    if (finished.waiting.empty()) {
      finished.erasure.done = true;
      SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(catalog_.database()));
      SLUICE_RETURN_IF_ERROR(mark_erasure_done(transaction, finished.erasure, clock_.now()));
      SLUICE_RETURN_IF_ERROR(transaction.commit());
    }
    return finished;
  }

 private:
  Status replace_raw(const Erasure& erasure) {
    for (const ErasedRaw& raw : erasure.raw) {
      if (raw.replacement.empty()) {
        SLUICE_RETURN_IF_ERROR(catalog_.files().remove(raw.raw_path));
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const bool waits, catalog_.files().exists(raw.replacement));
      if (waits) {
        SLUICE_RETURN_IF_ERROR(catalog_.files().rename_durable(raw.replacement, raw.raw_path));
      }
    }
    return {};
  }

  /// A model whose current snapshot is younger than the erasure has nothing of the records in it.
  Status forget_models(FinishedErasure& finished) {
    for (const std::string& model : finished.erasure.models) {
      SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(model));
      SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog_.find_own(name));
      if (!entry || !entry->current_snapshot_id) {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                              catalog_.load_location(entry->metadata_location));
      const lake::Snapshot* current = metadata->current_snapshot();
      if (current->timestamp_ms * 1000 < finished.erasure.committed_at.us) {
        finished.waiting.push_back(model);
        continue;
      }
      SLUICE_RETURN_IF_ERROR(forget_older(*entry, *metadata, finished.erasure));
    }
    return {};
  }

  Status forget_older(const lake::TableEntry& entry, const lake::TableMetadata& metadata,
                      Erasure& erasure) {
    lake::TableChange change;
    change.table = entry.table;
    change.base_metadata_location = entry.metadata_location;
    for (const lake::SnapshotPtr& snapshot : metadata.snapshots) {
      if (snapshot->timestamp_ms * 1000 < erasure.committed_at.us &&
          snapshot->id != metadata.current_snapshot_id) {
        change.drop_snapshots.push_back(snapshot->id);
      }
    }
    if (change.drop_snapshots.empty()) {
      return {};
    }
    for (const auto& [name, ref] : metadata.refs) {
      if (std::count(change.drop_snapshots.begin(), change.drop_snapshots.end(), ref.snapshot_id) >
          0) {
        change.set_refs[name] = std::nullopt;
      }
    }
    erasure.tables.push_back({lake::to_text(entry.table), 0, 0,
                              static_cast<std::int64_t>(change.drop_snapshots.size())});
    lake::CommitRequest request;
    request.id = base::make_id<base::CommitId>(clock_, random_);
    request.changes.push_back(std::move(change));
    SLUICE_RETURN_IF_ERROR(catalog_.commit(request));
    return {};
  }

  /// What snapshots that are forgotten had, and what runs that were killed left.
  Status remove_files(FinishedErasure& finished) {
    std::vector<std::string> folders;
    const auto add = [&](const std::string& table) -> Status {
      SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
      folders.push_back(catalog_.table_path(name) + "/");
      return {};
    };
    for (const ErasedTable& table : finished.erasure.tables) {
      SLUICE_RETURN_IF_ERROR(add(table.table));
    }
    for (const std::string& model : finished.erasure.models) {
      SLUICE_RETURN_IF_ERROR(add(model));
    }
    SLUICE_ASSIGN_OR_RETURN(
        const auto orphans,
        lake::list_orphans(catalog_, {}, std::numeric_limits<std::int64_t>::max()));
    for (const storage::ListedFile& orphan : orphans) {
      const bool ours = std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
        return orphan.path.starts_with(folder);
      });
      if (ours) {
        SLUICE_RETURN_IF_ERROR(catalog_.files().remove(orphan.path));
        ++finished.files_removed;
      }
    }
    return {};
  }

  lake::Catalog& catalog_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace

Result<std::vector<FinishedErasure>> finish_erasures(lake::Catalog& catalog,
                                                     const base::Clock& clock,
                                                     base::Random& random) {
  SLUICE_ASSIGN_OR_RETURN(auto open, open_erasures(catalog.database()));
  std::vector<FinishedErasure> finished;
  for (Erasure& erasure : open) {
    SLUICE_ASSIGN_OR_RETURN(FinishedErasure one,
                            Finish(catalog, clock, random).run(std::move(erasure)));
    finished.push_back(std::move(one));
  }
  return finished;
}

}  // namespace sluice::run
