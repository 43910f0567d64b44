#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// A source as read, and the contract file that it names (relative to the project).
struct SourceFile {
  Source source;
  std::string contract;
  yaml::Mark contract_mark;
  std::vector<NamedPlace> partition_by;
  std::vector<NamedPlace> dedupe_key;
};

/// Reads one file of sources/. `source.file` is set by the caller.
SourceFile read_source(const yaml::Node& root, const std::filesystem::path& project_root,
                       yaml::Reader& reader);

/// Reads `partition_by`, `key` and the like: names with their places.
std::vector<NamedPlace> read_places(const yaml::Node& node, std::string_view what,
                                    yaml::Reader& reader);

/// Reads `renames`: a map from a column's old name to its new one, no two to the same.
std::map<std::string, std::string> read_renames(const yaml::Node& node, yaml::Reader& reader);

/// Returns the column in a partition transform as written: `ts` of `day(ts)`, `id` of
/// `bucket(16, id)`; "" when it is no transform.
std::string partition_column(std::string_view transform);

}  // namespace sluice::project::internal
