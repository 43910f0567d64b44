#include "sluice/duck_jobs/internal/bound_text.h"

#include <gtest/gtest.h>

namespace sluice::duck_jobs {
namespace {

std::optional<std::string> bound(const char* type, const std::string& printed,
                                 Bound end = Bound::kMax) {
  return read_bound(printed, *data::parse_type(type), end);
}

TEST(BoundText, WritesWhatValuesAreWrittenAs) {
  EXPECT_EQ(bound("boolean", "1"), "true");
  EXPECT_EQ(bound("boolean", "0"), "false");
  EXPECT_EQ(bound("long", "-5"), "-5");
  EXPECT_EQ(bound("double", "1e+300"), "1e+300");
  EXPECT_EQ(bound("double", "inf"), "inf");
  EXPECT_EQ(bound("decimal(9, 2)", "-1.25"), "-1.25");
  EXPECT_EQ(bound("date", "2013-01-01"), "2013-01-01");
  EXPECT_EQ(bound("time", "01:02:03.5"), "01:02:03.500000");
  EXPECT_EQ(bound("timestamp", "2013-01-01 01:02:03"), "2013-01-01T01:02:03");
  EXPECT_EQ(bound("timestamptz", "2013-01-01 01:02:03.5+00"), "2013-01-01T01:02:03.500000Z");
  EXPECT_EQ(bound("uuid", "00112233-4455-6677-8899-aabbccddeeff"),
            "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(bound("binary", "AA00"), "aa00");
  EXPECT_EQ(bound("string", ""), "");
}

TEST(BoundText, LeavesOutWhatCannotBeTrusted) {
  EXPECT_EQ(bound("date", "0044-03-15 (BC)"), std::nullopt);
  EXPECT_EQ(bound("timestamp", "infinity"), std::nullopt);
  EXPECT_EQ(bound("timestamp", "12013-01-01 00:00:00"), std::nullopt);
  EXPECT_EQ(bound("time", "24:00:00"), std::nullopt);
  EXPECT_EQ(bound("double", "nan"), std::nullopt);
}

TEST(BoundText, AMaximumThatMayBeCutIsNoBound) {
  const std::string cut(256, 'a');
  EXPECT_EQ(bound("string", cut), std::nullopt);
  EXPECT_EQ(bound("string", cut, Bound::kMin), cut);
  EXPECT_EQ(bound("string", cut.substr(1)), cut.substr(1));
  EXPECT_EQ(bound("binary", cut + cut), std::nullopt);
}

TEST(BoundText, ZeroCoversBothSigns) {
  EXPECT_EQ(bound("double", "0.0", Bound::kMin), "-0.0");
  EXPECT_EQ(bound("float", "-0.0", Bound::kMax), "0.0");
}

}  // namespace
}  // namespace sluice::duck_jobs
