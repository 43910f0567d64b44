#include "sluice/worker/internal/usage_meter.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "sluice/worker/internal/proc.h"

namespace sluice::worker::internal {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{10};

std::int64_t wall_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) {
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec;
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

std::int64_t resident_bytes() { return memory_of(0).value_or(Memory{}).resident; }

}  // namespace

UsageMeter::UsageMeter(PeakSource source)
    : sampling_(source == PeakSource::kSampling || !reset_memory_peak()) {
  resident_at_start_ = resident_bytes();
  if (sampling_) {
    sampled_peak_ = resident_at_start_;
    sampler_ = std::jthread([this](std::stop_token stop) { sample(stop); });
  }
  start_.read_bytes = proc_self_number("io", "rchar").value_or(0);
  start_.written_bytes = proc_self_number("io", "wchar").value_or(0);
  start_.cpu_us = cpu_us();
  start_.wall_us = wall_us();
}

job::Usage UsageMeter::stop() {
  job::Usage usage;
  usage.wall_us = wall_us() - start_.wall_us;
  usage.cpu_us = cpu_us() - start_.cpu_us;
  usage.read_bytes = proc_self_number("io", "rchar").value_or(0) - start_.read_bytes;
  usage.written_bytes = proc_self_number("io", "wchar").value_or(0) - start_.written_bytes;
  std::int64_t peak = resident_bytes();
  if (sampling_) {
    sampler_.request_stop();
    sampler_.join();
    peak = std::max(peak, sampled_peak_.load());
  } else {
    peak = std::max(peak, proc_self_number("status", "VmHWM").value_or(0) * 1024);
  }
  usage.memory_peak_bytes = std::max<std::int64_t>(0, peak - resident_at_start_);
  return usage;
}

void UsageMeter::sample(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, kSampleEvery, [&] { return stop.stop_requested(); })) {
    sampled_peak_ = std::max(sampled_peak_.load(), resident_bytes());
  }
}

}  // namespace sluice::worker::internal
