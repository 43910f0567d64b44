#include "sluice/base/text.h"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

TEST(Text, FindsTheNearestWord) {
  const std::vector<std::string> keys = {"target_lag", "refresh", "partition_by"};
  EXPECT_EQ(nearest("target_lg", keys), "target_lag");
  EXPECT_EQ(nearest("Refresh", keys), "refresh");
  EXPECT_EQ(nearest("colour", keys), "");
}

TEST(Text, MatchesGlobs) {
  EXPECT_TRUE(glob_matches("*.csv", "a.csv"));
  EXPECT_FALSE(glob_matches("*.csv", "a/b.csv"));
  EXPECT_TRUE(glob_matches("**/*.csv", "a/b/c.csv"));
  EXPECT_TRUE(glob_matches("**/*.csv", "c.csv"));
  EXPECT_TRUE(glob_matches("in/2013-0?-*.csv", "in/2013-01-07.csv"));
  EXPECT_FALSE(glob_matches("in/?.csv", "in//.csv"));
  EXPECT_TRUE(glob_matches("a*b*c", "aXbYbZc"));
}

TEST(Text, WritesNumbersForPeople) {
  EXPECT_EQ(format_count(336776), "336,776");
  EXPECT_EQ(format_count(-1000), "-1,000");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_duration_us(65'000'000), "1 m 05 s");
}

TEST(Text, SplitsJoinsAndTrims) {
  const std::vector<std::string> parts = split("a,,b", ',');
  EXPECT_EQ(parts, (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(join(parts, "|"), "a||b");
  EXPECT_EQ(trim(" x \n"), "x");
  EXPECT_EQ(trim("  "), "");
}

}  // namespace
}  // namespace sluice::base
