#pragma once

#include <filesystem>

#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Reads the keys that say which files a source takes and what becomes of them: `path`, `raw`,
/// `schema_changes`.
void read_intake(const yaml::Node& root, const std::filesystem::path& project_root, Source& source,
                 yaml::Reader& reader);

void read_schema_changes(const yaml::Node& root, Source& source, yaml::Reader& reader);

/// Reads `dedupe` into the source; returns the key's columns with their places.
std::vector<NamedPlace> read_dedupe(const yaml::Node& node, Source& source, yaml::Reader& reader);

}  // namespace sluice::project::internal
