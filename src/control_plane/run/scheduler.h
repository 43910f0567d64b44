#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/progress.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// A run and the indexes of the runs that must be up to date before it begins. Those of `after`
/// must only have ended: what they publish is looked at, but the run goes ahead without.
struct ScheduledRun {
  std::unique_ptr<TableRun> run;
  std::vector<std::size_t> upstream;
  std::vector<std::size_t> after = {};
};

/// What may be in use at once by all stages together.
struct Capacity {
  int threads = 1;
  std::int64_t memory_bytes = 0;
};

/// Told on the scheduling thread whenever a run or a stage begins or ends. `stage` is null outside
/// of a stage.
using RunListener = std::function<void(const RunSummary& summary, const Stage* stage)>;

/// Told how far the stage of a table is. Called from any thread, and of several at once.
using ProgressListener =
    std::function<void(const std::string& table, const job::Progress& progress)>;

/// Drives runs to their end in topological order: stages of different runs go side by side as long
/// as their grants fit `capacity` together; a stage that alone is larger runs alone. Downstream of
/// a run that is not up to date is skipped as blocked. After a stop request nothing new begins,
/// running stages are cancelled, and what has not begun is skipped as cancelled.
class Scheduler {
 public:
  Scheduler(engine::Engine& engine, Capacity capacity, RunListener listener,
            ProgressListener progress = {});

  /// kCancelled when stopped; else an error that kept the invocation from going on.
  base::Status drive(std::vector<ScheduledRun>& runs, std::stop_token stop);

  /// Says how many other runs could use the machine while one is being begun or goes on: those that
  /// are ready, and stages that wait for room. For the scheduling thread only.
  int jobs_waiting() const { return jobs_waiting_; }

 private:
  engine::Engine& engine_;
  Capacity capacity_;
  RunListener listener_;
  ProgressListener progress_;
  int jobs_waiting_ = 0;
};

}  // namespace sluice::run
