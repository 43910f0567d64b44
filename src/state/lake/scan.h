#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/data/value.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

enum class CompareOp { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kIn, kIsNull };

/// `column op literal`. Literals are of the column's type in the scanned schema, and not null:
/// one for a comparison, any number for kIn, none for kIsNull.
struct Predicate {
  std::string column;
  CompareOp op = CompareOp::kEqual;
  std::vector<data::Value> literals;
};

/// The files that a reader has to read for a snapshot.
struct ScanPlan {
  std::optional<std::int64_t> snapshot_id;  // nothing for a table without snapshots
  data::Schema schema;                      // columns are read by field id
  std::vector<DataFile> files;              // ordered as the manifests have them
  std::int64_t files_pruned = 0;
  std::int64_t manifests_pruned = 0;

  std::int64_t rows() const;
  std::int64_t bytes() const;
};

/// Lists the data files of a snapshot (the current one when none is named) that may hold rows for
/// which all predicates are true; the reader still filters rows. The schema is the table's current
/// one, or the snapshot's own when a snapshot is named. kNotFound: no such snapshot; kInvalidInput:
/// a predicate; kUnsupported: the snapshot has delete files; kCorrupt names the file.
base::Result<ScanPlan> plan_scan(storage::FileIo& files, const TableMetadata& metadata,
                                 std::optional<std::int64_t> snapshot_id = std::nullopt,
                                 const std::vector<Predicate>& predicates = {});

}  // namespace sluice::lake
