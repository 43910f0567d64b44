#include "sluice/worker/slot_state.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace sluice::worker {
namespace {

const std::map<std::pair<SlotState, SlotEvent>, SlotState> kLegal = {
    {{SlotState::kDead, SlotEvent::kStart}, SlotState::kStarting},
    {{SlotState::kStarting, SlotEvent::kStarted}, SlotState::kBusy},
    {{SlotState::kStarting, SlotEvent::kStartFailed}, SlotState::kDead},
    {{SlotState::kIdle, SlotEvent::kTake}, SlotState::kBusy},
    {{SlotState::kIdle, SlotEvent::kEnd}, SlotState::kEnding},
    {{SlotState::kBusy, SlotEvent::kCancel}, SlotState::kCancelling},
    {{SlotState::kBusy, SlotEvent::kRelease}, SlotState::kIdle},
    {{SlotState::kBusy, SlotEvent::kEnd}, SlotState::kEnding},
    {{SlotState::kCancelling, SlotEvent::kEnd}, SlotState::kEnding},
    {{SlotState::kEnding, SlotEvent::kReaped}, SlotState::kDead},
};

TEST(SlotState, AnswersEveryPairOfStateAndEvent) {
  for (int s = 0; s < kSlotStates; ++s) {
    for (int e = 0; e < kSlotEvents; ++e) {
      const auto state = static_cast<SlotState>(s);
      const auto event = static_cast<SlotEvent>(e);
      const auto next = transition(state, event);
      const auto legal = kLegal.find({state, event});
      if (legal == kLegal.end()) {
        ASSERT_FALSE(next.ok()) << to_text(state) << " + " << to_text(event);
        EXPECT_EQ(next.error().kind, base::ErrorKind::kInternal);
        EXPECT_NE(next.error().message.find(to_text(state)), std::string::npos);
      } else {
        ASSERT_TRUE(next.ok()) << to_text(state) << " + " << to_text(event);
        EXPECT_EQ(*next, legal->second);
      }
    }
  }
}

TEST(SlotState, NamesEveryStateAndEventOnce) {
  std::set<std::string_view> names;
  for (int s = 0; s < kSlotStates; ++s) {
    EXPECT_TRUE(names.insert(to_text(static_cast<SlotState>(s))).second);
  }
  for (int e = 0; e < kSlotEvents; ++e) {
    EXPECT_TRUE(names.insert(to_text(static_cast<SlotEvent>(e))).second);
  }
  EXPECT_EQ(names.count("?"), 0U);
}

}  // namespace
}  // namespace sluice::worker
