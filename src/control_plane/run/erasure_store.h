#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"

namespace sluice::run {

/// The metastore's tables of erasures.
std::span<const metastore::Migration> erasure_migrations();

/// A raw file from which records are taken: once the erasure is committed `replacement`, without
/// them, takes its place; "" removes it.
struct ErasedRaw {
  std::string source;
  std::int64_t seq = 0;
  std::string raw_path;
  std::string replacement;
  std::int64_t records = 0;
};

/// Rows taken out of one table.
struct ErasedTable {
  std::string table;
  std::int64_t rows = 0;
  std::int64_t files = 0;      // rewritten
  std::int64_t snapshots = 0;  // that left the table
};

/// A person's records taken away. The key itself is kept nowhere: `key_hash` is the SHA-256 of
/// `salt`, column, '=' and value.
struct Erasure {
  std::string id;
  std::string column;
  std::string salt;
  std::string key_hash;
  std::string by;
  base::CommitId commit;
  base::Timestamp committed_at;
  std::vector<ErasedTable> tables;  // that sources write
  std::vector<ErasedRaw> raw;
  std::vector<std::string> models;   // that may have what follows from the records
  std::vector<std::string> remains;  // what is beyond reach
  bool drop_tags = false;
  bool done = false;
};

/// Enters an erasure in the transaction of its commit.
base::Status insert_erasure(metastore::Transaction& transaction, const Erasure& erasure);
base::Status mark_erasure_done(metastore::Transaction& transaction, const Erasure& erasure,
                               base::Timestamp at);
/// The erasures that are committed, and that are not finished everywhere, oldest first.
base::Result<std::vector<Erasure>> open_erasures(metastore::Database& database);

}  // namespace sluice::run
