#pragma once

#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/manifest_list.h"
#include "sluice/lake/snapshot.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

/// Reads the manifest list of a snapshot. kCorrupt, naming the file, when it is missing or damaged;
/// kUnsupported for a v1 snapshot that names its manifests without a list.
base::Result<std::vector<ManifestFile>> read_manifest_files(storage::FileIo& files,
                                                            const Snapshot& snapshot);

/// Reads one manifest that a list names, in the same way.
base::Result<Manifest> read_manifest_file(storage::FileIo& files, const ManifestFile& file);

}  // namespace sluice::lake
