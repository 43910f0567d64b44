#include "sluice/base/clock.h"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

TEST(Clock, FormatsAndParsesTheSameInstant) {
  for (const std::int64_t us : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1356998400000000},
                                std::int64_t{1709164800123456}, std::int64_t{-62135596800000000}}) {
    const auto parsed = parse_iso8601(format_iso8601({us}));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->us, us);
  }
  EXPECT_EQ(format_iso8601({1356998400000000}), "2013-01-01T00:00:00Z");
}

TEST(Clock, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_iso8601("2013-01-01T05:00:00+05:00")->us, 1356998400000000);
  EXPECT_EQ(parse_iso8601("2013-01-01 00:00")->us, 1356998400000000);
  EXPECT_EQ(parse_iso8601("2013-01-01T00:00:00.5Z")->us, 1356998400500000);
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2013", "2013-02-29", "2013-13-01", "2013-01-01T24:00:00Z",
                           "2013-01-01T00:00:00ZZ", "2013-01-01T", "2013-01-01T00:00:00+99"}) {
    EXPECT_FALSE(parse_iso8601(text).ok()) << text;
  }
}

TEST(Clock, CountsDaysOverFourCenturies) {
  for (std::int64_t days = -400'000; days < 400'000; days += 37) {
    const CivilDate date = civil_from_days(days);
    EXPECT_EQ(days_from_civil(date.year, date.month, date.day), days);
  }
  EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
  EXPECT_EQ(days_from_civil(2000, 3, 1), 11017);
}

TEST(Clock, ReadsDurations) {
  EXPECT_EQ(*parse_duration_us("250ms"), 250'000);
  EXPECT_EQ(*parse_duration_us("7d"), 604'800'000'000);
  for (const char* text : {"", "5", "m", "-1s", "5 m", "99999999999999d"}) {
    EXPECT_FALSE(parse_duration_us(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sluice::base
