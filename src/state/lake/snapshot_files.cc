#include "sluice/lake/snapshot_files.h"

#include <fmt/format.h>

#include <string>

namespace sluice::lake {

namespace {

using base::Result;

constexpr std::int64_t kFileBytesMax = std::int64_t{1} << 30;

/// A file that metadata refers to must be there: that it is not is damage, not a question.
Result<std::string> read_referenced(storage::FileIo& files, const std::string& uri,
                                    std::string_view kind) {
  SLUICE_ASSIGN_OR_RETURN(const std::string path, storage::local_path(uri));
  auto bytes = files.read_all(path, kFileBytesMax);
  if (!bytes && bytes.error().kind == base::ErrorKind::kNotFound) {
    return base::corrupt(fmt::format("{} {} is missing", kind, path));
  }
  return bytes;
}

}  // namespace

Result<std::vector<ManifestFile>> read_manifest_files(storage::FileIo& files,
                                                      const Snapshot& snapshot) {
  if (snapshot.manifest_list.empty()) {
    if (snapshot.manifests.empty()) {
      return std::vector<ManifestFile>();
    }
    return base::unsupported(fmt::format(
        "snapshot {} is of format version 1 without a manifest list; only lists are read",
        snapshot.id));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string bytes,
                          read_referenced(files, snapshot.manifest_list, "manifest list"));
  return read_manifest_list(bytes, snapshot.manifest_list);
}

Result<Manifest> read_manifest_file(storage::FileIo& files, const ManifestFile& file) {
  SLUICE_ASSIGN_OR_RETURN(const std::string bytes, read_referenced(files, file.path, "manifest"));
  return read_manifest(bytes, file);
}

}  // namespace sluice::lake
