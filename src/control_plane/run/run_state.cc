#include "sluice/run/run_state.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace sluice::run {

namespace {

constexpr std::array<std::pair<RunState, std::string_view>, 11> kStates = {{
    {RunState::kWaiting, "waiting"},
    {RunState::kStaging, "staging"},
    {RunState::kChecking, "checking"},
    {RunState::kPublishing, "publishing"},
    {RunState::kPublished, "published"},
    {RunState::kUnchanged, "unchanged"},
    {RunState::kRejected, "rejected"},
    {RunState::kFailed, "failed"},
    {RunState::kBlocked, "blocked"},
    {RunState::kCancelled, "cancelled"},
    {RunState::kInterrupted, "interrupted"},
}};

constexpr std::array<std::pair<RunEvent, std::string_view>, 11> kEvents = {{
    {RunEvent::kBegin, "begin"},
    {RunEvent::kNothingToDo, "nothing_to_do"},
    {RunEvent::kUpstreamFailed, "upstream_failed"},
    {RunEvent::kStaged, "staged"},
    {RunEvent::kChecksNeeded, "checks_needed"},
    {RunEvent::kAccepted, "accepted"},
    {RunEvent::kRefused, "refused"},
    {RunEvent::kCommitted, "committed"},
    {RunEvent::kError, "error"},
    {RunEvent::kCancel, "cancel"},
    {RunEvent::kProcessDied, "process_died"},
}};

struct Edge {
  RunState from;
  RunEvent event;
  RunState to;
};

constexpr Edge kEdges[] = {
    {RunState::kWaiting, RunEvent::kBegin, RunState::kStaging},
    {RunState::kWaiting, RunEvent::kNothingToDo, RunState::kUnchanged},
    {RunState::kWaiting, RunEvent::kUpstreamFailed, RunState::kBlocked},
    {RunState::kStaging, RunEvent::kStaged, RunState::kPublishing},
    {RunState::kStaging, RunEvent::kChecksNeeded, RunState::kChecking},
    {RunState::kStaging, RunEvent::kRefused, RunState::kRejected},
    // What was staged turns out to be what is there.
    {RunState::kStaging, RunEvent::kNothingToDo, RunState::kUnchanged},
    {RunState::kChecking, RunEvent::kAccepted, RunState::kPublishing},
    {RunState::kChecking, RunEvent::kRefused, RunState::kRejected},
    {RunState::kPublishing, RunEvent::kCommitted, RunState::kPublished},
    // A source with more landed files than one commit takes begins again.
    {RunState::kPublished, RunEvent::kBegin, RunState::kStaging},
};

}  // namespace

std::string_view to_text(RunState state) {
  for (const auto& [known, text] : kStates) {
    if (known == state) {
      return text;
    }
  }
  return "failed";
}

base::Result<RunState> parse_run_state(std::string_view text) {
  for (const auto& [state, known] : kStates) {
    if (known == text) {
      return state;
    }
  }
  return base::corrupt(fmt::format("'{}' is not a run state", text));
}

std::string_view to_text(RunEvent event) {
  for (const auto& [known, text] : kEvents) {
    if (known == event) {
      return text;
    }
  }
  return "error";
}

bool is_final(RunState state) {
  switch (state) {
    case RunState::kWaiting:
    case RunState::kStaging:
    case RunState::kChecking:
    case RunState::kPublishing:
      return false;
    case RunState::kPublished:
    case RunState::kUnchanged:
    case RunState::kRejected:
    case RunState::kFailed:
    case RunState::kBlocked:
    case RunState::kCancelled:
    case RunState::kInterrupted:
      return true;
  }
  return true;
}

bool is_up_to_date(RunState state) {
  return state == RunState::kPublished || state == RunState::kUnchanged;
}

base::Result<RunState> transition(RunState from, RunEvent event) {
  for (const Edge& edge : kEdges) {
    if (edge.from == from && edge.event == event) {
      return edge.to;
    }
  }
  if (!is_final(from)) {
    switch (event) {
      case RunEvent::kError:
        return RunState::kFailed;
      case RunEvent::kCancel:
        return RunState::kCancelled;
      case RunEvent::kProcessDied:
        return RunState::kInterrupted;
      default:
        break;
    }
  }
  return base::internal_error(
      fmt::format("a run that is {} cannot meet {}", to_text(from), to_text(event)));
}

}  // namespace sluice::run
