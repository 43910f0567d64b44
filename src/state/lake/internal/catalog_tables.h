#pragma once

#include <string_view>

namespace sluice::lake {

/// Pointers, and the ledger of commits. `commit_tables` has one row per move of a pointer.
inline constexpr std::string_view kCatalogTables =
    "CREATE TABLE lake_tables ("
    "ns TEXT NOT NULL, name TEXT NOT NULL, uuid TEXT NOT NULL, metadata_location TEXT NOT NULL, "
    "version INTEGER NOT NULL, current_snapshot_id INTEGER, updated_at INTEGER NOT NULL, "
    "PRIMARY KEY (ns, name)) WITHOUT ROWID;"
    "CREATE TABLE commit_ledger ("
    "commit_id TEXT PRIMARY KEY, request_hash TEXT NOT NULL, response TEXT NOT NULL, "
    "committed_at INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE commit_tables ("
    "ns TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, "
    "commit_id TEXT NOT NULL REFERENCES commit_ledger, metadata_location TEXT NOT NULL, "
    "snapshot_id INTEGER, PRIMARY KEY (ns, name, version)) WITHOUT ROWID";

}  // namespace sluice::lake
