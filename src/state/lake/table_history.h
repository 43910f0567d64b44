#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::lake {

/// One snapshot, as a person looks at a table's history.
struct HistoryEntry {
  std::int64_t snapshot_id = 0;
  std::int64_t timestamp_ms = 0;
  std::string operation;  // "" when its writer did not say
  std::int64_t rows_added = 0;
  std::int64_t rows_deleted = 0;
  std::int64_t rows = 0;          // of the table then
  std::string run;                // id of our run that wrote it, "" of another writer
  std::vector<std::string> refs;  // branches and tags that name it
  bool is_current = false;
  bool is_ancestor = false;  // of the current one, or itself: else it was rolled back
};

/// Lists a table's snapshots, newest first.
std::vector<HistoryEntry> list_history(const TableMetadata& metadata);

/// Table property that says at which snapshot a model is held; empty when it is not.
inline constexpr std::string_view kHeldAt = "sluice.held-at";

/// The snapshot that a rollback holds the table at, or nothing.
std::optional<std::int64_t> held_at(const TableMetadata& metadata);

/// Makes an older snapshot the table's current one and, when `hold`, holds it there. kInvalidInput
/// when it already is the current one.
base::Result<TableCommit> roll_back(Catalog& catalog, const TableName& table,
                                    std::int64_t snapshot_id, bool hold, const base::Clock& clock,
                                    base::Random& random);

/// Lets a table that is held go on. kInvalidInput when it is not held.
base::Result<TableCommit> release_hold(Catalog& catalog, const TableName& table,
                                       const base::Clock& clock, base::Random& random);

/// Gives a snapshot a tag, which moves when it is already there. kInvalidInput: a name that could
/// be a snapshot id or a time, or one of a branch.
base::Result<TableCommit> set_tag(Catalog& catalog, const TableName& table, const std::string& name,
                                  std::int64_t snapshot_id, std::optional<std::int64_t> max_age_ms,
                                  const base::Clock& clock, base::Random& random);

/// kNotFound when there is no such tag; kInvalidInput when it is a branch.
base::Result<TableCommit> delete_tag(Catalog& catalog, const TableName& table,
                                     const std::string& name, const base::Clock& clock,
                                     base::Random& random);

}  // namespace sluice::lake
