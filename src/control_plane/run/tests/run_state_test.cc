#include "sluice/run/run_state.h"

#include <gtest/gtest.h>

#include <map>

namespace sluice::run {
namespace {

constexpr int kStateCount = static_cast<int>(RunState::kInterrupted) + 1;
constexpr int kEventCount = static_cast<int>(RunEvent::kProcessDied) + 1;

TEST(RunState, SurvivesItsText) {
  for (int i = 0; i < kStateCount; ++i) {
    const auto state = static_cast<RunState>(i);
    EXPECT_EQ(*parse_run_state(to_text(state)), state);
  }
  EXPECT_FALSE(parse_run_state("done").ok());
}

TEST(RunState, AllowsTheseTransitionsAndNoOther) {
  using S = RunState;
  using E = RunEvent;
  const std::map<std::pair<S, E>, S> allowed = {
      {{S::kWaiting, E::kBegin}, S::kStaging},
      {{S::kWaiting, E::kNothingToDo}, S::kUnchanged},
      {{S::kWaiting, E::kUpstreamFailed}, S::kBlocked},
      {{S::kWaiting, E::kError}, S::kFailed},
      {{S::kWaiting, E::kCancel}, S::kCancelled},
      {{S::kWaiting, E::kProcessDied}, S::kInterrupted},
      {{S::kStaging, E::kStaged}, S::kPublishing},
      {{S::kStaging, E::kChecksNeeded}, S::kChecking},
      {{S::kStaging, E::kRefused}, S::kRejected},
      {{S::kStaging, E::kNothingToDo}, S::kUnchanged},
      {{S::kStaging, E::kError}, S::kFailed},
      {{S::kStaging, E::kCancel}, S::kCancelled},
      {{S::kStaging, E::kProcessDied}, S::kInterrupted},
      {{S::kChecking, E::kAccepted}, S::kPublishing},
      {{S::kChecking, E::kRefused}, S::kRejected},
      {{S::kChecking, E::kError}, S::kFailed},
      {{S::kChecking, E::kCancel}, S::kCancelled},
      {{S::kChecking, E::kProcessDied}, S::kInterrupted},
      {{S::kPublishing, E::kCommitted}, S::kPublished},
      {{S::kPublishing, E::kError}, S::kFailed},
      {{S::kPublishing, E::kCancel}, S::kCancelled},
      {{S::kPublishing, E::kProcessDied}, S::kInterrupted},
      {{S::kPublished, E::kBegin}, S::kStaging},
  };
  for (int s = 0; s < kStateCount; ++s) {
    for (int e = 0; e < kEventCount; ++e) {
      const auto from = static_cast<RunState>(s);
      const auto event = static_cast<RunEvent>(e);
      const auto to = transition(from, event);
      const auto expected = allowed.find({from, event});
      if (expected == allowed.end()) {
        EXPECT_FALSE(to.ok()) << to_text(from) << " + " << to_text(event);
      } else {
        ASSERT_TRUE(to.ok()) << to_text(from) << " + " << to_text(event);
        EXPECT_EQ(*to, expected->second);
      }
    }
  }
}

TEST(RunState, LetsDownstreamGoOnOnlyWhenUpToDate) {
  for (int i = 0; i < kStateCount; ++i) {
    const auto state = static_cast<RunState>(i);
    EXPECT_EQ(is_up_to_date(state), state == RunState::kPublished || state == RunState::kUnchanged);
  }
}

}  // namespace
}  // namespace sluice::run
