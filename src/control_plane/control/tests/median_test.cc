#include "sluice/control/internal/median.h"

#include <gtest/gtest.h>

namespace sluice::control {
namespace {

TEST(Median, IsTheMiddleOfAnOddNumber) { EXPECT_EQ(median({9, 1, 5}), 5); }

TEST(Median, IsTheMeanOfTheTwoMiddleOnesOfAnEvenNumber) { EXPECT_EQ(median({4, 1, 9, 2}), 3); }

TEST(MedianDeathTest, DoesNotExistOfNothing) { EXPECT_DEATH(median({}), "no median of nothing"); }

}  // namespace
}  // namespace sluice::control
