#pragma once

#include <cstdint>
#include <string>

namespace sluice::job {

/// What a job may use. The worker sets DuckDB's memory limit to 0.8 of `memory_bytes`, the process
/// limit a little above it.
struct Limits {
  int threads = 1;
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  std::int64_t timeout_ms = 0;  // 0: none
  std::string spill_dir;        // DuckDB's temp_directory; "" forbids spilling
  std::string timezone = "UTC";
};

/// What a job used, measured by the worker over this job alone.
struct Usage {
  std::int64_t wall_us = 0;
  std::int64_t cpu_us = 0;             // user and system
  std::int64_t memory_peak_bytes = 0;  // high-water mark less the mark at the start
  std::int64_t read_bytes = 0;
  std::int64_t written_bytes = 0;
  bool warm = false;  // the worker had run a job before
};

}  // namespace sluice::job
