#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace sluice::duck_jobs {

/// Interrupts a job when it is asked to stop or its time is over.
class Watch {
 public:
  enum class Cause { kNone, kCancelled, kTimeout };

  /// `timeout_ms` 0 means none. `interrupt` is called from another thread until this is destroyed.
  Watch(std::stop_token stop, std::int64_t timeout_ms, std::function<void()> interrupt);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Cause cause() const { return cause_.load(); }

 private:
  void wait(const std::stop_token& stop, std::int64_t timeout_ms,
            const std::function<void()>& interrupt);

  std::atomic<Cause> cause_ = Cause::kNone;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool done_ = false;
  std::jthread thread_;
};

}  // namespace sluice::duck_jobs
