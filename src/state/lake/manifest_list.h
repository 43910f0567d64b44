#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::lake {

/// Stands for the sequence number of the commit in progress; write_manifest_list() replaces it.
inline constexpr std::int64_t kUnassignedSequence = -1;

enum class ManifestContent : std::uint8_t { kData = 0, kDeletes = 1 };

/// What a manifest's files hold in one partition field. Bounds are single-value binary.
struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower_bound;
  std::optional<std::string> upper_bound;

  friend bool operator==(const FieldSummary&, const FieldSummary&) = default;
};

/// A manifest as the manifest list describes it (Iceberg spec v2, "Manifest Lists").
struct ManifestFile {
  std::string path;
  std::int64_t length = 0;  // bytes
  int spec_id = 0;
  ManifestContent content = ManifestContent::kData;
  std::int64_t sequence_number = 0;
  std::int64_t min_sequence_number = 0;
  std::int64_t added_snapshot_id = 0;
  bool counts_known = true;  // lists of v1 may lack the six counts, which are then 0
  std::int64_t added_files_count = 0;
  std::int64_t existing_files_count = 0;
  std::int64_t deleted_files_count = 0;
  std::int64_t added_rows_count = 0;
  std::int64_t existing_rows_count = 0;
  std::int64_t deleted_rows_count = 0;
  std::vector<FieldSummary> partitions;  // one per field of the spec, or none when not known
  std::optional<std::string> key_metadata;

  /// False only when it is sure that the manifest lists no live file.
  bool may_have_live_files() const {
    return !counts_known || added_files_count + existing_files_count > 0;
  }

  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

struct ManifestListHeader {
  std::int64_t snapshot_id = 0;
  std::optional<std::int64_t> parent_snapshot_id;
  std::int64_t sequence_number = 0;  // given to manifests whose number is kUnassignedSequence
};

/// Writes a v2 manifest list. kInvalidInput when an unassigned manifest was not added by this
/// snapshot, a manifest has a later sequence number than the snapshot, or its counts are not known.
base::Result<std::string> write_manifest_list(const ManifestListHeader& header,
                                              const std::vector<ManifestFile>& manifests);

/// Reads a manifest list of v1, v2 or v3; what v1 lacks gets the spec's defaults. `what` names the
/// file in errors: kCorrupt with the offset, kUnsupported for a newer format.
base::Result<std::vector<ManifestFile>> read_manifest_list(std::string_view bytes,
                                                           std::string_view what);

}  // namespace sluice::lake
