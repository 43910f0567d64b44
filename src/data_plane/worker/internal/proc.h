#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace sluice::worker::internal {

/// Memory of a process in bytes, from /proc/<pid>/statm. `anonymous` leaves out pages of files,
/// which the kernel can drop at will.
struct Memory {
  std::int64_t resident = 0;
  std::int64_t anonymous = 0;
};

/// Nothing when the process is gone. `pid` 0 is this process.
std::optional<Memory> memory_of(pid_t pid);

/// Reads `<name>:  <number>` of a file below /proc/self: `status` (kB there), `io` (bytes).
std::optional<std::int64_t> proc_self_number(const char* file, const std::string& name);

/// Starts this process's high-water mark (VmHWM) anew at what is resident now. False when the
/// kernel does not allow it.
bool reset_memory_peak();

}  // namespace sluice::worker::internal
