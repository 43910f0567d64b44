#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/storage/file_io.h"

namespace sluice::ingest {

/// A file where a source looks.
struct FoundFile {
  std::string path;
  storage::FileStat stat;
};

/// Lists the files that a source's paths mean, oldest first, ties by path, each once: those that a
/// glob matches, and below a folder those with an ending of the source's format that are not
/// hidden. A folder that is not there has no files. Leaves out what lies below `raw_root`.
base::Result<std::vector<FoundFile>> find_source_files(storage::FileIo& files,
                                                       const project::Source& source,
                                                       const std::string& raw_root);

/// Says whether a file's name has an ending of a format: `.csv`, or `.csv.gz` and the like.
bool has_ending_of(std::string_view format, std::string_view name);

}  // namespace sluice::ingest
