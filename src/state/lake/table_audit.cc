#include "sluice/lake/table_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/pointer_history.h"
#include "sluice/lake/snapshot_files.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

constexpr std::int64_t kMetadataBytesMax = std::int64_t{1} << 30;

/// One table's audit; each check adds to the report.
class TableAudit {
 public:
  TableAudit(Catalog& catalog, TableEntry entry)
      : catalog_(catalog), entry_(std::move(entry)), name_(to_text(entry_.table)) {}

  Result<AuditReport> run() {
    SLUICE_RETURN_IF_ERROR(check_ledger());
    SLUICE_RETURN_IF_ERROR(check_history());
    if (read_metadata()) {
      check_pointer();
      check_metadata_log();
      check_chain();
      check_snapshots();
    }
    return std::move(report_);
  }

 private:
  void add(std::string subject, std::string problem) {
    report_.findings.push_back({std::move(subject), std::move(problem)});
  }
  void add(std::string problem) { add(name_, std::move(problem)); }

  Status check_ledger();
  Status check_history();
  bool read_metadata();
  void check_pointer();
  void check_metadata_log();
  void check_chain();
  void check_snapshots();
  void check_snapshot(const Snapshot& snapshot);
  void check_totals(const Snapshot& snapshot, const std::vector<ManifestFile>& manifests);
  void check_manifest(const ManifestFile& listed, bool is_current);
  void check_file(const DataFile& file);

  Catalog& catalog_;
  const TableEntry entry_;
  const std::string name_;
  AuditReport report_;
  std::vector<LedgerEntry> ledger_;  // one a version, as far as it is there
  TableMetadata metadata_;
  std::set<std::string> manifests_read_;
  std::set<std::string> current_paths_;
};

/// The ledger has one commit for each version of the pointer, and the last one is where it stands.
Status TableAudit::check_ledger() {
  SLUICE_ASSIGN_OR_RETURN(ledger_, list_table_commits(catalog_.database(), entry_.table));
  std::int64_t expected = 0;
  for (const LedgerEntry& commit : ledger_) {
    const std::int64_t version = commit.tables.front().version;
    if (version != expected) {
      add(fmt::format("the commit ledger lacks version {} to {}", expected, version - 1));
    }
    expected = version + 1;
  }
  if (expected != entry_.version + 1) {
    add(fmt::format("the pointer is at version {}, the commit ledger ends at {}", entry_.version,
                    expected - 1));
  } else if (const TableCommit& last = ledger_.back().tables.front();
             last.metadata_location != entry_.metadata_location) {
    add(fmt::format("the pointer is at {}, the last commit made {}", entry_.metadata_location,
                    last.metadata_location));
  }
  return {};
}

/// Pointer history may end early, but what it has is what the ledger has.
Status TableAudit::check_history() {
  const auto moves = read_pointer_history(catalog_.files(), catalog_.metadata_path(entry_.table));
  if (!moves) {
    add(moves.error().message);
    return {};
  }
  std::map<std::int64_t, const LedgerEntry*> by_version;
  for (const LedgerEntry& commit : ledger_) {
    by_version[commit.tables.front().version] = &commit;
  }
  std::int64_t expected = 0;
  for (const PointerMove& move : *moves) {
    const auto found = by_version.find(move.version);
    if (found == by_version.end()) {
      add(fmt::format(
          "pointer history has version {}, which the commit ledger lacks: the metastore "
          "is older than the table",
          move.version));
    } else if (found->second->id != move.commit_id ||
               found->second->tables.front().metadata_location != move.metadata_location) {
      add(fmt::format("version {} is {} in pointer history and {} in the commit ledger",
                      move.version, move.metadata_location,
                      found->second->tables.front().metadata_location));
    }
    if (move.version > expected) {
      add(fmt::format("pointer history lacks version {} to {}", expected, move.version - 1));
    }
    expected = std::max(expected, move.version + 1);
  }
  return {};
}

/// Reads the file itself, not what the catalog has kept of it.
bool TableAudit::read_metadata() {
  const auto read = [&]() -> Result<TableMetadata> {
    SLUICE_ASSIGN_OR_RETURN(const std::string path, storage::local_path(entry_.metadata_location));
    SLUICE_ASSIGN_OR_RETURN(const std::string bytes,
                            catalog_.files().read_all(path, kMetadataBytesMax));
    return parse_table_metadata(bytes, path);
  };
  auto metadata = read();
  if (!metadata) {
    add(entry_.metadata_location,
        fmt::format("the table's metadata cannot be read: {}", metadata.error().message));
    return false;
  }
  metadata_ = *std::move(metadata);
  return true;
}

void TableAudit::check_pointer() {
  if (metadata_.table_uuid != entry_.uuid) {
    add(fmt::format("the metastore has uuid {}, the metadata {}", entry_.uuid,
                    metadata_.table_uuid));
  }
  if (metadata_.current_snapshot_id != entry_.current_snapshot_id) {
    add(fmt::format("the metastore has current snapshot {}, the metadata {}",
                    entry_.current_snapshot_id.value_or(-1),
                    metadata_.current_snapshot_id.value_or(-1)));
  }
  const std::string location = storage::file_uri(catalog_.table_path(entry_.table));
  if (metadata_.location != location) {
    add(fmt::format("the metadata says that the table lies at {}, the warehouse has it at {}",
                    metadata_.location, location));
  }
}

/// The metadata before this one is that of the commit before.
void TableAudit::check_metadata_log() {
  if (ledger_.size() < 2 || metadata_.metadata_log.empty()) {
    return;
  }
  const std::string& logged = metadata_.metadata_log.back().metadata_file;
  const std::string& before = ledger_[ledger_.size() - 2].tables.front().metadata_location;
  if (logged != before) {
    add(fmt::format("the metadata came after {}, by the commit ledger after {}", logged, before));
  }
}

/// From the current snapshot back, each has its parent, until the oldest that the table keeps.
void TableAudit::check_chain() {
  report_.snapshots = static_cast<std::int64_t>(metadata_.snapshots.size());
  const Snapshot* current = metadata_.current_snapshot();
  if (current == nullptr) {
    return;
  }
  std::int64_t oldest = current->sequence_number;
  std::map<std::int64_t, const Snapshot*> by_id;
  std::set<std::int64_t> named;  // outlive those around them
  for (const auto& [name, ref] : metadata_.refs) {
    named.insert(ref.snapshot_id);
  }
  for (const SnapshotPtr& snapshot : metadata_.snapshots) {
    by_id[snapshot->id] = snapshot.get();
    oldest = named.contains(snapshot->id) ? oldest : std::min(oldest, snapshot->sequence_number);
  }
  const Snapshot* child = current;
  while (child->parent_id) {
    const auto parent = by_id.find(*child->parent_id);
    if (parent == by_id.end()) {
      break;
    }
    if (parent->second->timestamp_ms > child->timestamp_ms) {
      add(fmt::format("snapshot {} is older than its parent {}", child->id, parent->second->id));
    }
    child = parent->second;
  }
  if (child->sequence_number > oldest) {
    add(fmt::format("snapshot {} has no parent in the table, though there are older snapshots",
                    child->id));
  }
}

void TableAudit::check_snapshots() {
  const Snapshot* current = metadata_.current_snapshot();
  if (current != nullptr) {
    check_snapshot(*current);
  }
  for (const SnapshotPtr& snapshot : metadata_.snapshots) {
    if (snapshot.get() != current) {
      check_snapshot(*snapshot);
    }
  }
}

void TableAudit::check_snapshot(const Snapshot& snapshot) {
  const auto manifests = read_manifest_files(catalog_.files(), snapshot);
  if (!manifests) {
    add(fmt::format("snapshot {}: {}", snapshot.id, manifests.error().message));
    return;
  }
  check_totals(snapshot, *manifests);
  for (const ManifestFile& listed : *manifests) {
    if (manifests_read_.insert(listed.path).second) {
      check_manifest(listed, snapshot.id == metadata_.current_snapshot_id);
    }
  }
}

/// The totals of a snapshot's summary are those of its manifests.
void TableAudit::check_totals(const Snapshot& snapshot,
                              const std::vector<ManifestFile>& manifests) {
  std::int64_t files = 0;
  std::int64_t rows = 0;
  for (const ManifestFile& listed : manifests) {
    if (!listed.counts_known || listed.content == ManifestContent::kDeletes) {
      return;
    }
    files += listed.added_files_count + listed.existing_files_count;
    rows += listed.added_rows_count + listed.existing_rows_count;
  }
  const auto check = [&](const char* key, std::int64_t counted) {
    const auto found = snapshot.summary.find(key);
    if (found != snapshot.summary.end() && found->second != std::to_string(counted)) {
      add(fmt::format("snapshot {}: its {} are {}, by its manifests {}", snapshot.id, key,
                      found->second, counted));
    }
  };
  check("total-data-files", files);
  check("total-records", rows);
}

void TableAudit::check_manifest(const ManifestFile& listed, bool is_current) {
  const auto manifest = read_manifest_file(catalog_.files(), listed);
  if (!manifest) {
    add(listed.path, manifest.error().message);
    return;
  }
  std::int64_t rows = 0;
  for (const ManifestEntry& entry : manifest->entries) {
    if (entry.status == EntryStatus::kDeleted) {
      continue;
    }
    rows += entry.file.record_count;
    if (is_current) {
      check_file(entry.file);
    }
  }
  if (listed.counts_known && rows != listed.added_rows_count + listed.existing_rows_count) {
    add(listed.path, fmt::format("its files have {} rows, its manifest list says {}", rows,
                                 listed.added_rows_count + listed.existing_rows_count));
  }
}

void TableAudit::check_file(const DataFile& file) {
  if (file.content != FileContent::kData) {
    add(file.path, "is a delete file; what it deletes is not audited");
    return;
  }
  report_.rows += file.record_count;
  if (!current_paths_.insert(file.path).second) {
    add(file.path, "is listed twice in the current snapshot");
    return;
  }
  const auto path = storage::local_path(file.path);
  if (!path) {
    add(file.path, path.error().message);
    return;
  }
  const auto stat = catalog_.files().stat(*path);
  if (!stat) {
    add(*path, stat.error().kind == base::ErrorKind::kNotFound ? "the data file is missing"
                                                               : stat.error().message);
    return;
  }
  if (stat->bytes != file.file_size_bytes) {
    add(*path, fmt::format("the data file has {} bytes, its manifest says {}", stat->bytes,
                           file.file_size_bytes));
  }
  report_.files.push_back({*path, file.file_size_bytes, file.record_count});
}

}  // namespace

Result<AuditReport> audit_table(Catalog& catalog, const TableName& table) {
  SLUICE_ASSIGN_OR_RETURN(auto entry, catalog.find_own(table));
  if (!entry) {
    return base::not_found(fmt::format("there is no table {}", to_text(table)));
  }
  return TableAudit(catalog, *std::move(entry)).run();
}

}  // namespace sluice::lake
