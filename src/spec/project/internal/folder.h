#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::project::internal {

/// Bytes of one file of a project at most; more is refused before it is read.
inline constexpr std::size_t kProjectFileBytesMax = std::size_t{4} << 20;

/// Lists the files below `root`/`folder` whose name ends in `suffix`, at any depth, as paths
/// relative to `root` in ascending order. A folder that does not exist is empty. Names that begin
/// with a dot are passed over. kUnauthorized and the like when a folder cannot be listed.
base::Result<std::vector<std::string>> list_files(const std::filesystem::path& root,
                                                  const std::string& folder,
                                                  std::string_view suffix);

/// Reads a whole file once. kNotFound, kUnauthorized, kExhausted when it is too large.
base::Result<std::string> read_text(const std::filesystem::path& path);

}  // namespace sluice::project::internal
