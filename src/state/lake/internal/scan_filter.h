#pragma once

#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/internal/value_range.h"
#include "sluice/lake/manifest_list.h"
#include "sluice/lake/partition_spec.h"

namespace sluice::lake {

/// Predicates over a schema, asked about manifests and files. "May match" is never wrongly denied.
class ScanFilter {
 public:
  /// kInvalidInput, naming the column, when a predicate does not fit the schema.
  static base::Result<ScanFilter> make(const std::vector<Predicate>& predicates,
                                       const data::Schema& schema);

  /// Judges by a manifest's summaries of its partition values; `what` names its list in errors.
  base::Result<bool> may_match(const ManifestFile& manifest, const PartitionSpec& spec,
                               std::string_view what) const;

  /// Judges by a file's partition and bounds; `what` names its manifest in errors.
  base::Result<bool> may_match(const DataFile& file, const PartitionSpec& spec,
                               std::string_view what) const;

 private:
  struct Condition {
    data::Field column;
    Wanted wanted;
  };

  static base::Result<bool> partition_may_match(const Condition& condition, const DataFile& file,
                                                const PartitionSpec& spec);
  static base::Result<bool> bounds_may_match(const Condition& condition, const DataFile& file);

  std::vector<Condition> conditions_;
};

}  // namespace sluice::lake
