#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/manifest_list.h"
#include "sluice/lake/partition_spec.h"

namespace sluice::lake {

enum class EntryStatus : std::uint8_t { kExisting = 0, kAdded = 1, kDeleted = 2 };

/// A line of a manifest. To be written, an added entry leaves the numbers empty to inherit them
/// from the commit; after read_manifest() all three are set.
struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  std::optional<std::int64_t> snapshot_id;      // of the snapshot that added (or deleted) the file
  std::optional<std::int64_t> sequence_number;  // of the rows, for applying deletes
  std::optional<std::int64_t> file_sequence_number;  // of the commit that added the file
  DataFile file;

  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

struct ManifestHeader {
  data::Schema schema;  // must have every source column of the spec
  PartitionSpec spec;
  ManifestContent content = ManifestContent::kData;
  std::int64_t snapshot_id = 0;  // of the commit that writes the manifest
};

struct WrittenManifest {
  std::string bytes;
  /// Complete but for `path`. Its sequence numbers are kUnassignedSequence until the manifest list
  /// is written, so that a retried commit reuses the file.
  ManifestFile summary;
};

/// Writes a v2 manifest (deflate). kInvalidInput when an entry does not fit the spec or content, or
/// when an existing or deleted entry lacks its numbers.
base::Result<WrittenManifest> write_manifest(const ManifestHeader& header,
                                             const std::vector<ManifestEntry>& entries);

struct Manifest {
  data::Schema schema;
  PartitionSpec spec;
  std::vector<data::Type> partition_types;  // as stored, one per field of the spec
  ManifestContent content = ManifestContent::kData;
  std::vector<ManifestEntry> entries;
};

/// Reads a manifest of v1, v2 or v3; what entries leave empty is inherited from `inherited`, its
/// line in the manifest list (spec, "Sequence Number Inheritance"). `inherited.path` names the file
/// in errors: kCorrupt with the offset, kUnsupported for a newer format or column types that
/// schema_from_json() refuses.
base::Result<Manifest> read_manifest(std::string_view bytes, const ManifestFile& inherited);

}  // namespace sluice::lake
