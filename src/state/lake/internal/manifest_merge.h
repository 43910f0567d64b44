#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/manifest_list.h"

namespace sluice::lake {

/// When an append rewrites small manifests into larger ones, by Iceberg's table properties
/// `commit.manifest-merge.enabled`, `commit.manifest.target-size-bytes` and
/// `commit.manifest.min-count-to-merge`.
struct MergePolicy {
  bool enabled = true;
  std::int64_t target_bytes = 8 << 20;
  std::int64_t count_min = 100;
};

/// kInvalidInput when a property is not a positive number or boolean.
base::Result<MergePolicy> merge_policy(const std::map<std::string, std::string>& properties);

/// Groups manifests, newest first, for merging: neighbours whose lengths sum up to at most the
/// target, filled from the oldest, so that only the newest group is short. The group of the first
/// manifest is split up again while it has fewer than `count_min`. Groups of one are kept as they
/// are.
std::vector<std::vector<ManifestFile>> group_manifests(std::vector<ManifestFile> manifests,
                                                       const MergePolicy& policy);

}  // namespace sluice::lake
