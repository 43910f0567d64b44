#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "sluice/job/limits.h"

namespace sluice::worker::internal {

enum class PeakSource : std::uint8_t {
  kHighWaterMark,  // the kernel's, started anew; sampling where that is not allowed
  kSampling,
};

/// Measures what this process uses from construction to stop(): wall and CPU time (all threads),
/// the peak of resident memory over its start, and the bytes that read and write calls moved, page
/// cache included.
class UsageMeter {
 public:
  explicit UsageMeter(PeakSource source = PeakSource::kHighWaterMark);

  /// Call once. `warm` of the answer is the caller's to set.
  job::Usage stop();

 private:
  void sample(std::stop_token stop);

  job::Usage start_;
  std::int64_t resident_at_start_ = 0;
  bool sampling_ = false;
  std::atomic<std::int64_t> sampled_peak_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread sampler_;
};

}  // namespace sluice::worker::internal
