#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

/// One move of a table's pointer, as kept beside the table.
struct PointerMove {
  std::int64_t version = 0;
  std::string metadata_location;
  base::CommitId commit_id;
  std::int64_t committed_at_us = 0;

  friend bool operator==(const PointerMove&, const PointerMove&) = default;
};

/// Name of the history in a table's metadata folder: one JSON object a line, oldest first.
inline constexpr const char* kPointerHistoryName = "pointer-history.jsonl";

/// Adds moves to the history. It is written after the commit and may lag behind the metastore,
/// which alone is the truth while it exists.
base::Status append_pointer_history(storage::FileIo& files, const std::string& metadata_path,
                                    const std::vector<PointerMove>& moves);

/// Reads the history as read_pointer_history() does and takes a last line that was cut short out of
/// the file, so that it can be added to. Before the first append of a process.
base::Result<std::vector<PointerMove>> mend_pointer_history(storage::FileIo& files,
                                                            const std::string& metadata_path);

/// Reads the history; a last line that was cut short is left out. A table without one has none.
/// kCorrupt, naming file and line, when another line cannot be read.
base::Result<std::vector<PointerMove>> read_pointer_history(storage::FileIo& files,
                                                            const std::string& metadata_path);

}  // namespace sluice::lake
