#pragma once

#include <string_view>

namespace sluice::lake {

/// Files that were taken over, files that were not, and the id of each source's ledger. Content is
/// unique among files that have any.
inline constexpr std::string_view kLandedTables =
    "CREATE TABLE landed_files ("
    "source TEXT NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL, "
    "original_name TEXT NOT NULL, raw_path TEXT NOT NULL, bytes INTEGER NOT NULL, "
    "modified_at INTEGER NOT NULL, landed_at INTEGER NOT NULL, state TEXT NOT NULL, "
    "records INTEGER, committed_rows INTEGER, quarantined_rows INTEGER, waived_rows INTEGER, "
    "commit_id TEXT, reason TEXT NOT NULL DEFAULT '', "
    "PRIMARY KEY (source, seq)) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX landed_files_by_hash ON landed_files (source, sha256) WHERE bytes > 0;"
    "CREATE INDEX landed_files_by_name ON landed_files (source, original_name);"
    "CREATE INDEX landed_files_pending ON landed_files (source, seq) WHERE state = 'raw';"
    "CREATE TABLE skipped_files ("
    "source TEXT NOT NULL, original_name TEXT NOT NULL, sha256 TEXT NOT NULL, "
    "first_seq INTEGER NOT NULL, bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, "
    "at INTEGER NOT NULL, PRIMARY KEY (source, original_name, sha256)) WITHOUT ROWID;"
    "CREATE TABLE landing_ledgers (source TEXT PRIMARY KEY, lineage TEXT NOT NULL) WITHOUT ROWID";

/// What became of quarantined records later.
inline constexpr std::string_view kSettledColumns =
    "ALTER TABLE landed_files ADD COLUMN replayed_rows INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE landed_files ADD COLUMN waived_by_user INTEGER NOT NULL DEFAULT 0";

/// Records that were erased, and what the raw file is since.
inline constexpr std::string_view kErasedColumns =
    "ALTER TABLE landed_files ADD COLUMN erased_rows INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE landed_files ADD COLUMN raw_sha256 TEXT;"
    "ALTER TABLE landed_files ADD COLUMN raw_bytes INTEGER";

}  // namespace sluice::lake
