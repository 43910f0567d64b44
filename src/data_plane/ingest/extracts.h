#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/job/extract_job.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"
#include "sluice/project/connection.h"
#include "sluice/project/project.h"

namespace sluice::ingest {

/// How far a source has read its database table: one extract, landed as file `seq`.
struct ExtractPosition {
  std::int64_t seq = 0;
  std::string identity;  // of the table
  std::string cursor;    // the column; "": all rows are read
  std::string upto;      // its highest value that was read, as a literal of the database's SQL
};

/// The table `extracts`: one row per landed extract.
std::span<const metastore::Migration> extract_migrations();

/// Records an extract, in the transaction that lands its file, so that no rows lie between two.
base::Status insert_extract(metastore::Transaction& transaction, std::string_view source,
                            const ExtractPosition& position);
/// Returns the source's newest extract, or that of one file.
base::Result<std::optional<ExtractPosition>> last_extract(metastore::Database& database,
                                                          std::string_view source);
base::Result<std::optional<ExtractPosition>> extract_of_file(metastore::Database& database,
                                                             std::string_view source,
                                                             std::int64_t seq);

/// Records the extracts of landed files that have none, as in a metastore that was made again or
/// came from a backup: how far each went stands in its file's name. `property` is the one that the
/// source's table has, "" without it: it names the cursor and the table that was read.
base::Status restore_extracts(metastore::Database& database, const project::Source& source,
                              std::string_view property);

/// One line for a table's property: the column, its value and the table's identity.
std::string to_text(const ExtractPosition& position);

/// Name of that property.
std::string extract_property(std::string_view source);

/// What the extract of a source with `cursor_lag` or `snapshot_key` has to know of the extracts
/// before it; nothing of another. `key` tells its rows apart.
base::Result<job::CursorLag> lag_request(metastore::Database& database,
                                         const project::Source& source,
                                         std::span<const std::string> key);

/// Describes the next extract of a source: everything of the job but its path and lag. kConflict,
/// with the place in the source's file: the cursor is another column than before.
base::Result<job::ExtractJob> extract_request(const project::Source& source,
                                              const project::Connection& connection,
                                              const std::optional<ExtractPosition>& last);

/// How a landed extract is called: what it was taken from, and the part of it.
std::string extract_name(const project::Source& source, std::string_view after,
                         std::string_view upto);

}  // namespace sluice::ingest
