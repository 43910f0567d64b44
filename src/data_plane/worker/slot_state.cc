#include "sluice/worker/slot_state.h"

#include <array>
#include <optional>
#include <string>

namespace sluice::worker {
namespace {

struct Edge {
  SlotState from;
  SlotEvent event;
  SlotState to;
};

constexpr std::array kEdges = {
    Edge{SlotState::kDead, SlotEvent::kStart, SlotState::kStarting},
    Edge{SlotState::kStarting, SlotEvent::kStarted, SlotState::kBusy},
    Edge{SlotState::kStarting, SlotEvent::kStartFailed, SlotState::kDead},
    Edge{SlotState::kIdle, SlotEvent::kTake, SlotState::kBusy},
    Edge{SlotState::kIdle, SlotEvent::kEnd, SlotState::kEnding},
    Edge{SlotState::kBusy, SlotEvent::kRelease, SlotState::kIdle},
    Edge{SlotState::kBusy, SlotEvent::kCancel, SlotState::kCancelling},
    Edge{SlotState::kBusy, SlotEvent::kEnd, SlotState::kEnding},
    Edge{SlotState::kCancelling, SlotEvent::kEnd, SlotState::kEnding},
    Edge{SlotState::kEnding, SlotEvent::kReaped, SlotState::kDead},
};

}  // namespace

base::Result<SlotState> transition(SlotState from, SlotEvent event) {
  for (const Edge& edge : kEdges) {
    if (edge.from == from && edge.event == event) {
      return edge.to;
    }
  }
  return base::internal_error("a worker slot that is " + std::string(to_text(from)) +
                              " cannot take the event " + std::string(to_text(event)));
}

std::string_view to_text(SlotState state) {
  switch (state) {
    case SlotState::kDead:
      return "dead";
    case SlotState::kStarting:
      return "starting";
    case SlotState::kIdle:
      return "idle";
    case SlotState::kBusy:
      return "busy";
    case SlotState::kCancelling:
      return "cancelling";
    case SlotState::kEnding:
      return "ending";
  }
  return "?";
}

std::string_view to_text(SlotEvent event) {
  switch (event) {
    case SlotEvent::kStart:
      return "start";
    case SlotEvent::kStarted:
      return "started";
    case SlotEvent::kStartFailed:
      return "start failed";
    case SlotEvent::kTake:
      return "take";
    case SlotEvent::kCancel:
      return "cancel";
    case SlotEvent::kRelease:
      return "release";
    case SlotEvent::kEnd:
      return "end";
    case SlotEvent::kReaped:
      return "reaped";
  }
  return "?";
}

}  // namespace sluice::worker
