#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sluice/lake/catalog.h"
#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/internal/snapshot_producer.h"

namespace sluice::lake {

/// One try to commit a request. Steps are called in the order in which they stand here; after a
/// failure before record(), or of record() itself unless the outcome is unknown, undo().
class CommitAttempt {
 public:
  CommitAttempt(Catalog& catalog, const CommitRequest& request, std::string hash)
      : catalog_(catalog), request_(request), hash_(std::move(hash)) {}

  base::Status prepare();   // loads the bases, works out the tables' new metadata
  base::Status judge();     // asks the gate
  base::Status stage();     // works out snapshots and writes all files
  base::Status record();    // moves the pointers
  CommitOutcome publish();  // after record(): caches, pointer history
  void undo();              // removes what stage() wrote

 private:
  struct Table {
    const TableChange* change = nullptr;
    std::optional<TableEntry> entry;  // nothing when it is created
    TableMetadataPtr base;
    TableMetadata after;
    std::vector<ManifestFile> manifests;  // of the new snapshot
    TableCommit commit;
  };

  base::Status find_base(Table& table);
  base::Status create_table(Table& table);
  base::Status change_schema(Table& table);
  base::Status change_spec(Table& table);
  base::Status make_current(Table& table);
  base::Status change_refs(Table& table);
  base::Status set_properties(Table& table);
  base::Status check_files(const Table& table) const;
  base::Status add_snapshot(Table& table);
  base::Status drop_snapshots(Table& table);
  void note_commit(std::map<std::string, std::string>& summary) const;
  base::Result<std::vector<ManifestFile>> current_manifests(const Table& table);
  void log_base(Table& table) const;
  base::Status move_pointer(metastore::Transaction& transaction, const Table& table);
  std::int64_t new_snapshot_id(const TableMetadata& metadata);

  Catalog& catalog_;
  const CommitRequest& request_;
  const std::string hash_;
  std::int64_t now_us_ = 0;
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<StagedMetadata> staged_;
  bool written_ = false;
};

}  // namespace sluice::lake
