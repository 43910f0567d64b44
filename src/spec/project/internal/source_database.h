#pragma once

#include <filesystem>

#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Reads the keys of `type: sql`: `connection`, `table` or `query`, `cursor`, `continues`. Nothing
/// that it reports shows a line of the file that a password could stand in.
void read_database(const yaml::Node& root, const std::filesystem::path& project_root,
                   Source& source, yaml::Reader& reader);

}  // namespace sluice::project::internal
