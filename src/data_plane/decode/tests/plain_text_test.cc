#include "sluice/decode/internal/plain_text.h"

#include <gtest/gtest.h>

namespace sluice::decode {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

TEST(PlainText, ReadsWholeNumbersOfEighteenDigits) {
  EXPECT_EQ(read_whole("0"), 0);
  EXPECT_EQ(read_whole("-007"), -7);
  EXPECT_EQ(read_whole("999999999999999999"), 999'999'999'999'999'999);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "--1", "9999999999999999999"}) {
    EXPECT_EQ(read_whole(text), std::nullopt) << text;
  }
}

TEST(PlainText, ReadsDecimalsThatNeedNoRounding) {
  EXPECT_EQ(read_decimal("12.5", 9, 2), 1250);
  EXPECT_EQ(read_decimal("-0.05", 9, 2), -5);
  EXPECT_EQ(read_decimal("0.25", 2, 2), 25);
  EXPECT_EQ(read_decimal("7", 4, 0), 7);
  EXPECT_EQ(read_decimal("1234567.89", 9, 2), 123456789);
  for (const char* text : {"", ".", ".5", "5.", "1.255", "1.250", "12345678", "1,5", "1e2", "-"}) {
    EXPECT_EQ(read_decimal(text, 9, 2), std::nullopt) << text;
  }
  EXPECT_EQ(read_decimal("1234567890123456789", 38, 0), std::nullopt);
}

TEST(PlainText, ReadsFiniteNumbers) {
  EXPECT_EQ(read_double("0.1"), 0.1);
  EXPECT_EQ(read_double("-1e-3"), -0.001);
  EXPECT_EQ(read_float("16777217"), 16777216.0F);
  for (const char* text : {"", "-", "inf", "nan", "+1", ".5", "1e999", "1x", "0x10", " 1"}) {
    EXPECT_EQ(read_double(text), std::nullopt) << text;
  }
}

TEST(PlainText, ReadsBooleansInAnyCase) {
  for (const char* text : {"true", "TRUE", "t", "T", "1"}) {
    EXPECT_EQ(read_boolean(text), true) << text;
  }
  for (const char* text : {"false", "False", "f", "0"}) {
    EXPECT_EQ(read_boolean(text), false) << text;
  }
  for (const char* text : {"", "yes", "tru", "true ", "2"}) {
    EXPECT_EQ(read_boolean(text), std::nullopt) << text;
  }
}

TEST(PlainText, ReadsDatesOfTheCalendar) {
  EXPECT_EQ(read_date("1970-01-01"), 0);
  EXPECT_EQ(read_date("2000-02-29"), 11016);
  EXPECT_EQ(read_date("0001-01-01"), -719162);
  EXPECT_EQ(read_date("9999-12-31"), 2932896);
  for (const char* text : {"1900-02-29", "2013-13-01", "2013-00-01", "2013-04-31", "2013-01-00",
                           "0000-01-01", "2013-1-1", "2013/01/01", "12013-01-01", ""}) {
    EXPECT_EQ(read_date(text), std::nullopt) << text;
  }
}

TEST(PlainText, ReadsTimestampsWithSeconds) {
  EXPECT_EQ(read_timestamp("1970-01-02T00:00:00"), kDayUs);
  EXPECT_EQ(read_timestamp("1970-01-01 00:00:01.5"), 1'500'000);
  EXPECT_EQ(read_timestamp("1969-12-31 23:59:59.999999"), -1);
  EXPECT_EQ(read_time("23:59:59.000001"), kDayUs - 999'999);
  for (const char* text :
       {"1970-01-01", "1970-01-01 00:00", "1970-01-01 24:00:00", "1970-01-01 00:60:00",
        "1970-01-01 00:00:00.", "1970-01-01 00:00:00.1234567", "1970-01-01 00:00:00Z",
        "1970-01-01x00:00:00"}) {
    EXPECT_EQ(read_timestamp(text), std::nullopt) << text;
  }
}

TEST(PlainText, ReadsTimestampsWithAnOffset) {
  EXPECT_EQ(read_timestamptz("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(read_timestamptz("1970-01-01 02:00:00+02"), 0);
  EXPECT_EQ(read_timestamptz("1969-12-31 19:30:00.25-04:30"), 250'000);
  for (const char* text : {"1970-01-01T00:00:00", "1970-01-01T00:00:00+15",
                           "1970-01-01T00:00:00+0200", "1970-01-01T00:00:00 Z"}) {
    EXPECT_EQ(read_timestamptz(text), std::nullopt) << text;
  }
}

TEST(PlainText, ReadsUuidsInOrder) {
  const auto low = read_uuid("00000000-0000-0000-0000-000000000001");
  const auto high = read_uuid("FFFFFFFF-ffff-ffff-ffff-ffffffffffff");
  ASSERT_TRUE(low && high);
  EXPECT_EQ(low->lower, 1u);
  EXPECT_LT(static_cast<std::int64_t>(low->upper), static_cast<std::int64_t>(high->upper));
  EXPECT_FALSE(read_uuid("00000000-0000-0000-0000-00000000000g"));
  EXPECT_FALSE(read_uuid("00000000000000000000000000000000"));
  EXPECT_FALSE(read_uuid("0000000--0000-0000-0000-000000000001"));
}

}  // namespace
}  // namespace sluice::decode
