#pragma once

#include <filesystem>

#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Reads the keys that say which files a source takes and what becomes of them: `path`, `raw`.
void read_intake(const yaml::Node& root, const std::filesystem::path& project_root, Source& source,
                 yaml::Reader& reader);

}  // namespace sluice::project::internal
