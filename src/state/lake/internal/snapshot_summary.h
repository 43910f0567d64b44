#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/manifest_list.h"
#include "sluice/lake/snapshot.h"

namespace sluice::lake {

/// What a commit adds or removes, in sum.
struct FileTotals {
  std::int64_t files = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::set<std::string> partitions;  // keys that tell them apart

  void add(const DataFile& file);
};

/// Writes a snapshot's summary (Iceberg spec, "Optional Snapshot Summary Fields") and adds `extra`.
/// Totals are counted from the manifests, sizes from the parent's summary; what cannot be known is
/// left out. kInvalidInput when `extra` has a field that is the spec's.
base::Result<std::map<std::string, std::string>> summarize(
    const FileTotals& added, const FileTotals& removed, const std::vector<ManifestFile>& manifests,
    const Snapshot* parent, const std::map<std::string, std::string>& extra);

}  // namespace sluice::lake
