#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/lake/commit.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/manifest_list.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/lake/table_name.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

/// The metastore tables of this module: pointers, commit ledger, landed and skipped files.
std::span<const metastore::Migration> catalog_migrations();

/// A table's row in the metastore.
struct TableEntry {
  TableName table;
  std::string metadata_location;  // URI
  std::string uuid;
  std::optional<std::int64_t> current_snapshot_id;
  std::int64_t version = 0;  // of the pointer: 0 when created, one more with each commit
  bool borrowed = false;     // shown to readers, but another catalog's
};

/// Another catalog's tables as they were at one moment. `goes_with` names for a table the one that
/// it belongs to: it is not shown any more when the borrower has that one itself.
struct BorrowedTables {
  std::string from;  // for people
  std::map<TableName, TableEntry> tables;
  std::map<TableName, TableName> goes_with;
};

/// Lists the tables of a metastore, ordered by name, in one query.
base::Result<std::vector<TableEntry>> list_tables_of(metastore::Database& database);

using TableMetadataPtr = std::shared_ptr<const TableMetadata>;

/// The tables of one warehouse. Their pointers are rows of the metastore, everything else lies at
/// `<warehouse>/<ns>/<name>/{data,metadata}`. Belongs to the database's thread.
class Catalog {
 public:
  /// All references must outlive the catalog; `warehouse` is an absolute path.
  Catalog(metastore::Database& database, storage::FileIo& files, std::string warehouse,
          const base::Clock& clock, base::Random& random);

  /// Shows another catalog's tables to readers wherever this one has none of that name. They are
  /// never written: commits see this catalog's own alone.
  void borrow(BorrowedTables tables) { borrowed_ = std::move(tables); }
  const BorrowedTables& borrowed() const { return borrowed_; }

  /// Lists all tables that can be read, ordered by name: borrowed ones, too.
  base::Result<std::vector<TableEntry>> list_tables();
  base::Result<std::vector<TableEntry>> list_own_tables();
  /// Nothing when there is no such table, not even a borrowed one.
  base::Result<std::optional<TableEntry>> find(const TableName& table);
  base::Result<std::optional<TableEntry>> find_own(const TableName& table);
  /// Finds a table that is to be changed. kNotFound when there is none; kUnsupported, naming the
  /// lender, when it is a borrowed one.
  base::Result<TableEntry> find_to_change(const TableName& table);

  /// Reads a table's metadata as it is now. kNotFound when there is no such table; kCorrupt or
  /// kUnsupported, naming the file, when it cannot be read.
  base::Result<TableMetadataPtr> load(const TableName& table);
  /// The same for a metadata file, which never changes; kept for the next call.
  base::Result<TableMetadataPtr> load_location(const std::string& metadata_location);

  /// Asks `gate` (or nobody, nullptr) about every later commit; it must outlive them.
  void set_gate(CommitGate* gate) { gate_ = gate; }

  /// Commits all changes of the request in one metastore transaction, after their files are
  /// durable. The same id with the same request again returns the recorded outcome. kConflict: a
  /// base or a fence has moved; kInvalidInput: the request is wrong, or the id was used for another
  /// one; kUnsupported: the table's format or content; kCommitStateUnknown: ask find_commit().
  /// After any other error nothing has changed and no metadata files are left; for the data see
  /// discard().
  base::Result<CommitOutcome> commit(const CommitRequest& request);

  /// Returns the recorded outcome of a commit, or nothing when it did not take place.
  base::Result<std::optional<CommitOutcome>> find_commit(const base::CommitId& id);

  /// Removes data files that were staged for a commit which did not take place. kInvalidInput when
  /// one lies outside the warehouse.
  base::Status discard(std::span<const DataFile> files);

  /// Forgets what is remembered of a table that was dropped.
  void forget(const TableName& table);

  const std::string& warehouse() const { return warehouse_; }
  std::string table_path(const TableName& table) const;
  /// Where data files are staged: `<table>/data`.
  std::string data_path(const TableName& table) const;
  std::string metadata_path(const TableName& table) const;

  metastore::Database& database() { return database_; }
  storage::FileIo& files() { return files_; }

 private:
  friend class CommitAttempt;

  using ManifestFiles = std::vector<ManifestFile>;

  void keep(const std::string& metadata_location, TableMetadataPtr metadata);
  base::Status write_history(const TableName& table);

  metastore::Database& database_;
  storage::FileIo& files_;
  const std::string warehouse_;
  const base::Clock& clock_;
  base::Random& random_;
  CommitGate* gate_ = nullptr;
  BorrowedTables borrowed_;
  std::map<std::string, TableMetadataPtr> cache_;  // by location
  std::deque<std::string> cache_order_;            // oldest first
  /// The manifest list of the last snapshot that this catalog wrote to a table, by its URI.
  std::map<TableName, std::pair<std::string, ManifestFiles>> written_lists_;
  std::map<TableName, std::int64_t> history_version_;  // the newest that pointer history has
};

}  // namespace sluice::lake
