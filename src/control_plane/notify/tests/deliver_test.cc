#include "sluice/notify/deliver.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::notify {
namespace {

class DeliverTest : public testing::Test {
 protected:
  base::Status deliver(std::vector<base::Status> answers, int attempts_max = 3) {
    made_ = 0;
    pauses_.clear();
    return try_again([&] { return answers.at(made_++); }, {attempts_max, 100},
                     [&](std::int64_t ms) {
                       pauses_.push_back(ms);
                       return goes_on_;
                     },
                     random_);
  }

  base::Random random_{7};
  std::size_t made_ = 0;
  std::vector<std::int64_t> pauses_;
  bool goes_on_ = true;
};

TEST_F(DeliverTest, TriesAgainOnlyWhatMayBeMended) {
  EXPECT_TRUE(deliver({base::Status()}).ok());
  EXPECT_EQ(made_, 1u);
  EXPECT_TRUE(deliver({base::unavailable("busy"), base::Status()}).ok());
  EXPECT_EQ(made_, 2u);
  EXPECT_EQ(deliver({base::invalid_input("404")}).error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(made_, 1u);
  const base::Error slow{base::ErrorKind::kTimeout, "slow"};
  EXPECT_EQ(deliver({slow, slow, slow}).error().kind, base::ErrorKind::kTimeout);
  EXPECT_EQ(made_, 3u);
}

TEST_F(DeliverTest, PausesLongerEachTimeAndEndsWhenAskedTo) {
  const base::Error busy = base::unavailable("busy");
  EXPECT_FALSE(deliver({busy, busy, busy, busy}, 4).ok());
  ASSERT_EQ(pauses_.size(), 3u);
  for (std::size_t i = 0; i < pauses_.size(); ++i) {
    EXPECT_GE(pauses_[i], 100 << i);
    EXPECT_LE(pauses_[i], 150 << i);
  }
  goes_on_ = false;
  EXPECT_FALSE(deliver({busy, busy}).ok());
  EXPECT_EQ(made_, 1u);
}

TEST(Later, DoublesUpToSixHours) {
  EXPECT_EQ(later_us(1), 60'000'000);
  EXPECT_EQ(later_us(3), 240'000'000);
  EXPECT_EQ(later_us(100), std::int64_t{6} * 3600 * 1'000'000);
}

}  // namespace
}  // namespace sluice::notify
