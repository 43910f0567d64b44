#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/lake/commit.h"
#include "sluice/metastore/database.h"

namespace sluice::lake {

/// A commit that took place. Rows are never removed, so that a repeated request is recognized even
/// when its snapshots have expired.
struct LedgerEntry {
  base::CommitId id;
  std::string request_hash;
  std::vector<TableCommit> tables;
  std::int64_t committed_at_us = 0;
};

/// kConflict when the id is there already.
base::Status insert_ledger_entry(metastore::Transaction& transaction, const LedgerEntry& entry);

base::Result<std::optional<LedgerEntry>> find_ledger_entry(metastore::Database& database,
                                                           const base::CommitId& id);

/// A table's commits from `version_min` on, oldest first: each with the one TableCommit.
base::Result<std::vector<LedgerEntry>> list_table_commits(metastore::Database& database,
                                                          const TableName& table,
                                                          std::int64_t version_min = 0);

}  // namespace sluice::lake
