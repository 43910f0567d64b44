#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/job/request.h"
#include "sluice/worker/batch_sink.h"
#include "sluice/worker/slot_state.h"

namespace sluice::worker {

struct PoolOptions {
  std::filesystem::path program;         // "": `sluice-worker` beside the running program
  std::vector<std::string> environment;  // NAME=value, beside the pinned TZ and LC_ALL
  std::size_t workers_max = 4;           // processes at a time
  std::size_t waiting_max = 1024;        // callers waiting for one; more get kExhausted
  int jobs_per_worker = 50;              // then the process is replaced
  std::chrono::milliseconds idle_max{60'000};
  std::chrono::milliseconds cancel_grace{1'000};
  std::chrono::milliseconds sample_every{100};
  std::int64_t base_bytes = std::int64_t{64} << 20;  // over 1.1 of the grant, before a kill
};

/// What the pool knows of a living worker.
struct WorkerInfo {
  pid_t pid = 0;
  SlotState state = SlotState::kDead;
  int jobs = 0;                    // begun by this process
  std::int64_t sampled_bytes = 0;  // anonymous memory at the last look
};

/// Owns the worker processes: starts them when needed, keeps them warm, replaces them after a
/// failure or enough jobs, kills those that go over their grant, and waits for every one.
/// Thread-safe.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  /// Ends all workers; no call of run() may be in progress.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Runs one job on a worker and waits for it; batches go to `sink`, how far it is to `progress`,
  /// both on this thread. `fds` are passed along and stay the caller's. A stop request ends it
  /// within `cancel_grace` with kCancelled, `limits.timeout_ms` with kTimeout, a sink's error with
  /// that error. kExhausted: the job went over its grant, or too many callers wait. kUnavailable:
  /// the worker died or cannot be started. Otherwise the job's own error. Only this attempt is
  /// affected.
  base::Result<job::Response> run(const job::Request& request, const BatchSink& sink,
                                  std::stop_token stop, std::span<const int> fds = {},
                                  const ProgressSink& progress = {});

  /// Returns the workers that exist now.
  std::vector<WorkerInfo> workers() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::worker
