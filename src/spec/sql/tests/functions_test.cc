#include "sluice/sql/functions.h"

#include <gtest/gtest.h>

namespace sluice::sql {
namespace {

TEST(Functions, KnowWhichAnswersFollowFromTheArguments) {
  EXPECT_EQ(determinism_of("sum"), Determinism::kDeterministic);
  EXPECT_EQ(determinism_of("now"), Determinism::kClock);
  EXPECT_EQ(determinism_of("random"), Determinism::kRandom);
  EXPECT_EQ(determinism_of("read_csv"), Determinism::kEnvironment);
  EXPECT_TRUE(is_clock_keyword("current_date"));
  EXPECT_FALSE(is_clock_keyword("now"));
  EXPECT_TRUE(is_pure_table_function("range"));
  EXPECT_FALSE(is_pure_table_function("read_csv"));
}

}  // namespace
}  // namespace sluice::sql
