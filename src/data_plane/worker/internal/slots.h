#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/worker/internal/child_process.h"
#include "sluice/worker/internal/spawner.h"
#include "sluice/worker/pool.h"
#include "sluice/worker/slot_state.h"
#include "sluice/worker/unique_fd.h"

namespace sluice::worker::internal {

using SlotNumber = std::size_t;

/// How a worker that died on its own went, and whether its memory was the reason.
struct Death {
  pid_t pid = 0;
  bool over_grant = false;
  std::string text;  // `was killed by SIGKILL with 512 MiB of ...`
};

/// The pool's places for workers: who may use which, from start to reaped process. A watching
/// thread looks at the memory of busy workers, kills those far over their grant, ends those idle
/// for too long and reaps those that died idle.
class Slots {
 public:
  explicit Slots(PoolOptions options);
  ~Slots();
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  /// Waits in line for a place and returns one with a living worker, busy for the caller alone.
  base::Result<SlotNumber> take(std::int64_t grant_bytes, const std::stop_token& stop);

  /// The socket of a slot that the caller has taken.
  int socket(SlotNumber slot) const { return slots_[slot].child.socket.get(); }

  void mark_cancelling(SlotNumber slot);
  /// Gives a slot back with its worker, or ends the worker when it has done enough jobs.
  void release(SlotNumber slot);
  /// Kills and reaps the slot's worker, then gives the slot back.
  void end(SlotNumber slot);
  /// The same for a worker whose socket closed by itself: says what happened to it.
  Death end_dead(SlotNumber slot);

  std::vector<WorkerInfo> list() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Slot {
    SlotState state = SlotState::kDead;
    Child child;
    std::uint64_t turn = 0;  // counts jobs, so that a late look is not taken for this job's
    int jobs = 0;
    std::int64_t grant_bytes = 0;
    std::int64_t sampled_bytes = 0;
    bool killed_for_memory = false;
    Clock::time_point idle_since;
  };

  void apply(Slot& slot, SlotEvent event);
  std::optional<SlotNumber> free_slot() const;
  base::Result<SlotNumber> wait_in_line(const std::stop_token& stop,
                                        std::unique_lock<std::mutex>& lock);
  base::Status start_worker(SlotNumber number, std::int64_t grant_bytes);
  void begin_job(Slot& slot, std::int64_t grant_bytes);

  enum class After : std::uint8_t { kFree, kStartAnother };
  ChildExit reap(SlotNumber number, After after);

  void watch(std::stop_token stop);
  int wait_ms_until_next_look() const;
  void sample_busy();
  void end_idle(bool all);
  void wake_watcher();

  const PoolOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any freed_;
  std::vector<Slot> slots_;
  std::deque<std::uint64_t> line_;  // tickets of those who wait, first come, first served
  std::uint64_t next_ticket_ = 0;
  Spawner spawner_;
  UniqueFd wake_fd_;
  std::jthread watcher_;
};

}  // namespace sluice::worker::internal
