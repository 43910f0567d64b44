#pragma once

#include <cstdint>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::worker {

/// What the pool knows of one place for a worker process.
enum class SlotState : std::uint8_t {
  kDead,        // no process
  kStarting,    // being spawned for a caller that waits
  kIdle,        // waiting for a job
  kBusy,        // runs a job
  kCancelling,  // was told to stop its job, has its grace
  kEnding,      // nobody's any more; killed, not yet reaped
};

enum class SlotEvent : std::uint8_t {
  kStart,        // somebody needs a new worker here
  kStarted,      // it runs and has its first job
  kStartFailed,  // it could not be spawned
  kTake,         // a job for an idle worker
  kCancel,       // a stop request, a timeout or a sink that refused
  kRelease,      // the job went well, the worker may take another
  kEnd,          // a failure, enough jobs, idle for too long, or the pool closes
  kReaped,       // the process is gone and waited for
};

inline constexpr int kSlotStates = 6;
inline constexpr int kSlotEvents = 8;

/// Returns the state after `event`; kInternal where the event cannot happen.
base::Result<SlotState> transition(SlotState from, SlotEvent event);

std::string_view to_text(SlotState state);
std::string_view to_text(SlotEvent event);

}  // namespace sluice::worker
