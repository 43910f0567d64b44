#include "sluice/duck_jobs/internal/watch.h"

#include <chrono>
#include <utility>

namespace sluice::duck_jobs {

namespace {

// An interrupt that falls between two statements is lost on DuckDB, so it is given again.
constexpr std::chrono::milliseconds kInterruptAgain(10);

}  // namespace

Watch::Watch(std::stop_token stop, std::int64_t timeout_ms, std::function<void()> interrupt)
    : thread_([this, stop = std::move(stop), timeout_ms, interrupt = std::move(interrupt)] {
        wait(stop, timeout_ms, interrupt);
      }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watch::wait(const std::stop_token& stop, std::int64_t timeout_ms,
                 const std::function<void()>& interrupt) {
  std::unique_lock lock(mutex_);
  const auto is_done = [this] { return done_; };
  if (timeout_ms > 0) {
    changed_.wait_for(lock, stop, std::chrono::milliseconds(timeout_ms), is_done);
  } else {
    changed_.wait(lock, stop, is_done);
  }
  if (done_) {
    return;
  }
  cause_ = stop.stop_requested() ? Cause::kCancelled : Cause::kTimeout;
  do {
    interrupt();
  } while (!changed_.wait_for(lock, kInterruptAgain, is_done));
}

}  // namespace sluice::duck_jobs
