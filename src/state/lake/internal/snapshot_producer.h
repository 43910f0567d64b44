#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/commit.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/snapshot.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

/// A file that a commit is to write.
struct StagedMetadata {
  std::string path;  // local
  std::string bytes;
};

struct SnapshotInput {
  const TableMetadata& metadata;        // the table, still without the new snapshot
  std::vector<ManifestFile> manifests;  // of its current snapshot
  const TableChange& change;            // not kNone
  std::int64_t snapshot_id = 0;
  std::int64_t timestamp_ms = 0;
  std::string metadata_path;  // local folder
  std::string unique_name;    // of this attempt, part of each file's name
};

struct ProducedSnapshot {
  Snapshot snapshot;
  std::vector<StagedMetadata> files;    // manifests, then the manifest list
  std::vector<ManifestFile> manifests;  // as the list has them
};

/// Works out the snapshot that a change makes: its manifests, manifest list and summary. Reads the
/// manifests that it rewrites; writes nothing.
base::Result<ProducedSnapshot> produce_snapshot(storage::FileIo& files, SnapshotInput input);

}  // namespace sluice::lake
