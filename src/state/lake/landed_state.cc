#include <fmt/format.h>

#include <array>
#include <utility>

#include "sluice/lake/landed_files.h"

namespace sluice::lake {

namespace {

constexpr std::array<std::pair<LandedState, std::string_view>, 4> kNames = {{
    {LandedState::kRaw, "raw"},
    {LandedState::kCommitted, "committed"},
    {LandedState::kRefused, "refused"},
    {LandedState::kRolledBack, "rolled_back"},
}};

struct Edge {
  LandedState from;
  LandedEvent event;
  LandedState to;
};

constexpr std::array kEdges = {
    Edge{LandedState::kRaw, LandedEvent::kCommit, LandedState::kCommitted},
    Edge{LandedState::kRaw, LandedEvent::kRefuse, LandedState::kRefused},
    Edge{LandedState::kCommitted, LandedEvent::kRollBack, LandedState::kRolledBack},
    Edge{LandedState::kCommitted, LandedEvent::kRewind, LandedState::kRaw},
};

std::string_view done(LandedEvent event) {
  switch (event) {
    case LandedEvent::kCommit:
      return "committed";
    case LandedEvent::kRefuse:
      return "refused";
    case LandedEvent::kRollBack:
      return "rolled back";
    case LandedEvent::kRewind:
      return "read again";
  }
  return "";
}

}  // namespace

std::string_view to_text(LandedState state) {
  for (const auto& [candidate, name] : kNames) {
    if (candidate == state) {
      return name;
    }
  }
  return "";
}

base::Result<LandedState> parse_landed_state(std::string_view text) {
  for (const auto& [state, name] : kNames) {
    if (name == text) {
      return state;
    }
  }
  return base::corrupt(fmt::format("'{}' is not the state of a landed file", text));
}

base::Result<LandedState> transition(LandedState from, LandedEvent event) {
  for (const Edge& edge : kEdges) {
    if (edge.from == from && edge.event == event) {
      return edge.to;
    }
  }
  return base::conflict(fmt::format("a file that is {} cannot be {}", to_text(from), done(event)));
}

}  // namespace sluice::lake
