#include "sluice/notify/deliver.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace sluice::notify {

namespace {

using base::Status;

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kSixHoursUs = 360 * kMinuteUs;

bool pause_for(std::int64_t ms, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Status try_again(const Attempt& attempt, const Retries& retries, const Pause& pause,
                 base::Random& random) {
  std::int64_t pause_ms = retries.first_pause_ms;
  for (int made = 1;; ++made) {
    Status status = attempt();
    const bool may_help = !status && base::is_retryable(status.error().kind);
    if (!may_help || made >= retries.attempts_max) {
      return status;
    }
    const auto jitter = static_cast<std::int64_t>(
        random.below(static_cast<std::uint64_t>(std::max<std::int64_t>(1, pause_ms / 2))));
    if (!pause(pause_ms + jitter)) {
      return status;
    }
    pause_ms *= 2;
  }
}

Status deliver(const Channel& channel, const Message& message, const Retries& retries,
               base::Random& random, std::stop_token stop) {
  return try_again([&] { return send(channel, message); }, retries,
                   [&](std::int64_t ms) { return pause_for(ms, stop); }, random);
}

std::int64_t later_us(int times) {
  std::int64_t wait_us = kMinuteUs;
  for (int i = 1; i < times && wait_us < kSixHoursUs; ++i) {
    wait_us *= 2;
  }
  return std::min(wait_us, kSixHoursUs);
}

}  // namespace sluice::notify
