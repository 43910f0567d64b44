#include "sluice/base/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace sluice::base {
namespace {

TEST(Ids, SortByTimeAndDoNotRepeat) {
  ManualClock clock({1356998400000000});
  Random random(7);
  std::set<std::string> seen;
  std::string last_of_ms;
  for (int ms = 0; ms < 50; ++ms) {
    for (int i = 0; i < 20; ++i) {
      const auto id = make_id<RunId>(clock, random);
      EXPECT_EQ(id.text.size(), 36u);
      EXPECT_EQ(id.text[14], '7');
      EXPECT_TRUE(seen.insert(id.text).second);
      EXPECT_LT(last_of_ms.substr(0, 13), id.text);
    }
    last_of_ms = *seen.rbegin();
    clock.advance_us(1000);
  }
}

TEST(Ids, RepeatForTheSameSeed) {
  const ManualClock clock({0});
  Random first(42);
  Random second(42);
  EXPECT_EQ(make_uuid7(clock, first), make_uuid7(clock, second));
}

}  // namespace
}  // namespace sluice::base
