#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/job/request.h"
#include "sluice/run/run_state.h"

namespace sluice::run {

/// What a run wants done next, and what it is for: a job for a worker, or, with `task`, work of the
/// front that must not hold up the scheduling thread, under `request.limits`. A task touches no
/// database.
struct Stage {
  std::string name;  // decode, refresh, check, land
  job::Request request;
  std::function<base::Status(std::stop_token)> task = nullptr;
  std::int64_t input_bytes = 0;  // of the files that it reads
  std::int64_t expected_us = 0;  // by what such stages took before; 0: there was none
};

/// What is said of a run when it has ended, and while it goes on.
struct RunSummary {
  base::RunId id;
  std::string table;
  RunState state = RunState::kWaiting;
  std::string reason;                         // why it ran, or why it did not
  std::string error;                          // of a failed or rejected run
  std::string tactic;                         // of a model
  std::int64_t rows = 0;                      // published
  std::int64_t refused = 0;                   // sent to quarantine, or dropped
  std::vector<job::RefusedCount> refused_by;  // the same by rule and column
  std::int64_t bytes = 0;                     // of published files
  std::int64_t wall_us = 0;
  std::int64_t cpu_us = 0;  // of its stages
  std::int64_t memory_peak_bytes = 0;
  std::optional<std::int64_t> snapshot_id;
  bool settles = false;               // quarantined records; says nothing of the table itself
  std::vector<std::string> notes;     // what a user should know: a file that was skipped, a warning
  std::vector<std::string> problems;  // what a user should act upon: a file that cannot be read
};

/// One table's part of an invocation, driven by the scheduler on one thread: everything but the
/// stages themselves happens inside advance().
class TableRun {
 public:
  virtual ~TableRun() = default;

  /// Begins, once upstream is done; then goes on with the answer of the stage asked for last.
  /// Returns the next stage, or nothing when the run has ended. Failures end the run and are told
  /// in its summary; an Error means that the invocation itself cannot go on.
  virtual base::Result<std::optional<Stage>> advance(
      std::optional<base::Result<job::Response>> answer) = 0;

  /// Ends a run that has not begun: an upstream failed, or somebody asked to stop.
  virtual base::Status skip(RunEvent event, const std::string& reason) = 0;

  virtual const RunSummary& summary() const = 0;
};

}  // namespace sluice::run
