#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"

namespace sluice::lake {

/// The metastore's table of folders that are still to be removed.
std::span<const metastore::Migration> drop_migrations();

/// What goes: tables, and of sources all that says what was landed, with the copies in the raw
/// zone.
struct Drop {
  std::vector<TableName> tables;
  std::vector<std::string> sources;
  /// The caller's own rows go in the same transaction.
  std::function<base::Status(metastore::Transaction&)> in_transaction;
};

/// Drops tables of this catalog's own, with all snapshots and files. One transaction takes them out
/// of the metastore; their folders are removed after it, if need be by finish_drops() of a later
/// process. kNotFound or kUnsupported, before anything is changed, for a table that is not there or
/// borrowed.
base::Status drop_tables(Catalog& catalog, const Drop& drop, const base::Clock& clock);

/// Removes the folders that a process which died has left of dropped tables; returns how many.
base::Result<std::size_t> finish_drops(Catalog& catalog);

}  // namespace sluice::lake
