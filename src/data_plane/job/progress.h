#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::job {

/// How far a job is: what its process has read and written for it so far, page cache included.
struct Progress {
  std::int64_t read_bytes = 0;
  std::int64_t written_bytes = 0;

  friend bool operator==(const Progress&, const Progress&) = default;
};

std::string encode(const Progress& progress);
/// kCorrupt for anything that encode() could not have written.
base::Result<Progress> decode_progress(std::string_view bytes);

}  // namespace sluice::job
