#include <gtest/gtest.h>

#include "sluice/yaml/reader.h"

namespace sluice::yaml {
namespace {

TEST(Units, ReadDurations) {
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("2s"), 2000);
  EXPECT_EQ(parse_duration_ms("1.5h"), 5'400'000);
  EXPECT_EQ(parse_duration_ms("7d"), 604'800'000);
  EXPECT_EQ(parse_duration_ms("0s"), 0);
}

TEST(Units, ReadSizes) {
  EXPECT_EQ(parse_bytes("4GiB"), std::int64_t{4} << 30);
  EXPECT_EQ(parse_bytes("1.5 GB"), 1'500'000'000);
  EXPECT_EQ(parse_bytes("100B"), 100);
}

TEST(Units, RefuseWhatHasNoUnitOrNoWholeValue) {
  for (const char* text : {"", "5", "s", "-1s", "1 week", "1.0001ms", "99999999999d", "nans",
                           "infs", "1e3s", "1  s"}) {
    EXPECT_EQ(parse_duration_ms(text), std::nullopt) << text;
  }
  for (const char* text : {"4", "4gib", "0.5B", "GiB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::yaml
