#pragma once

#include <string_view>

#include "sluice/base/result.h"

namespace sluice::run {

/// Where one run (one table's refresh, or one source's batch) stands.
enum class RunState {
  kWaiting,      // for its upstream
  kStaging,      // its files are being written
  kChecking,     // its expectations are being judged on the staged files
  kPublishing,   // the commit is under way
  kPublished,    // the new snapshot is visible
  kUnchanged,    // there was nothing to do
  kRejected,     // an expectation failed; the old snapshot stays
  kFailed,       // an attempt failed; the old snapshot stays
  kBlocked,      // an upstream table was not brought up to date
  kCancelled,    // somebody asked to stop
  kInterrupted,  // the process died; found by a later one
};

enum class RunEvent {
  kBegin,  // upstream is done and there is something to do
  kNothingToDo,
  kUpstreamFailed,
  kStaged,
  kChecksNeeded,
  kAccepted,
  kRefused,
  kCommitted,
  kError,
  kCancel,
  kProcessDied,
};

std::string_view to_text(RunState state);
base::Result<RunState> parse_run_state(std::string_view text);
std::string_view to_text(RunEvent event);

/// Says whether the run has ended.
bool is_final(RunState state);

/// Says whether tables downstream may go on.
bool is_up_to_date(RunState state);

/// Returns the state after `event`; kInternal for a pair that cannot happen.
base::Result<RunState> transition(RunState from, RunEvent event);

}  // namespace sluice::run
