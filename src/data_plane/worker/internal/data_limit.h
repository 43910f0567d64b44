#pragma once

#include <sys/resource.h>

#include <cstdint>

#include "sluice/base/result.h"
#include "sluice/job/limits.h"

namespace sluice::worker::internal {

/// Holds this process's data segment (RLIMIT_DATA, soft) to what it has now plus the job's grant,
/// its threads' stacks and some slack, while it lives. Allocations beyond fail inside the process,
/// so the job can answer kExhausted instead of being killed.
class DataLimit {
 public:
  /// kInternal when the kernel refuses.
  static base::Result<DataLimit> set(const job::Limits& limits);

  ~DataLimit();
  DataLimit(DataLimit&& other) noexcept;
  DataLimit& operator=(DataLimit&&) = delete;

 private:
  explicit DataLimit(rlimit before) : before_(before) {}

  rlimit before_;
  bool owns_ = true;
};

}  // namespace sluice::worker::internal
