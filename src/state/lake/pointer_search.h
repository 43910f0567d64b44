#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/lake/pointer_history.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/lake/table_name.h"
#include "sluice/metastore/database.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

/// Where a table stands by its own files, without a metastore.
struct FoundPointer {
  TableName table;
  std::vector<PointerMove> moves;       // by version, the last one is where it stands
  std::int64_t history_version = -1;    // the newest that pointer history has; -1: it has none
  std::vector<std::int64_t> unknown;    // versions before the last whose metadata is not known
  TableMetadata metadata;               // of the last version
  std::vector<std::string> left_alone;  // newer metadata that is not taken, each with the reason
};

/// Finds every table of a warehouse. Pointer history may lag behind, so the newest metadata file is
/// taken that is newer than it, follows from it (its metadata log leads back to it), is complete
/// (its manifests can be read, its data files are there with their sizes) and whose commit is: each
/// table that the commit names has it, too. That may be a commit which was written in full and
/// never took place; it takes place now. Of two of the same version the younger one is taken: it
/// was written when the other had failed. kCorrupt when the metadata that pointer history ends with
/// cannot be read. New commit ids are made for commits that left none.
base::Result<std::vector<FoundPointer>> find_pointers(storage::FileIo& files,
                                                      const std::string& warehouse,
                                                      const base::Clock& clock,
                                                      base::Random& random);

/// Writes pointers and commit ledger of a new metastore.
base::Status put_pointers(metastore::Transaction& transaction,
                          const std::vector<FoundPointer>& pointers);

/// Names of the folders `<ns>/<name>` of a warehouse that have a metadata folder, ordered.
base::Result<std::vector<TableName>> list_table_folders(storage::FileIo& files,
                                                        const std::string& warehouse);

}  // namespace sluice::lake
