#include "sluice/decode/internal/text_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/data/value.h"
#include "sluice/decode/internal/kind_counts.h"

namespace sluice::decode {
namespace {

TextKind kind(std::string_view text) { return read_text(text).kind; }

std::string type_of(std::initializer_list<std::string_view> texts, bool quoted = false) {
  KindCounts counts;
  for (const std::string_view text : texts) {
    counts.add(read_text(text), quoted);
  }
  const NarrowestType narrowest = counts.narrowest();
  return narrowest.known ? data::to_text(narrowest.type) : "?";
}

TEST(ReadText, TellsKindsApartByHowTheyAreWritten) {
  EXPECT_EQ(kind("0"), TextKind::kInteger);
  EXPECT_EQ(kind("-17"), TextKind::kInteger);
  EXPECT_EQ(kind("0.50"), TextKind::kFraction);
  EXPECT_EQ(kind("1e9"), TextKind::kExponent);
  EXPECT_EQ(kind("NaN"), TextKind::kNoNumber);
  EXPECT_EQ(kind("TRUE"), TextKind::kBoolean);
  EXPECT_EQ(kind("2024-02-29"), TextKind::kDate);
  EXPECT_EQ(kind("2024-02-29T23:59"), TextKind::kTimestamp);
  EXPECT_EQ(kind("2024-02-29 23:59:59.123456"), TextKind::kTimestamp);
  EXPECT_EQ(kind("2024-02-29T23:59:59Z"), TextKind::kTimestamptz);
  EXPECT_EQ(kind("2024-02-29 23:59:59.5+02:00"), TextKind::kTimestamptz);
  EXPECT_EQ(kind("0198a1b2-0000-7000-8000-00000000abcd"), TextKind::kUuid);
}

TEST(ReadText, LeavesWhatANarrowerTypeWouldChangeToText) {
  for (const char* text : {"",
                           " ",
                           "007",
                           "-007",
                           "00.5",
                           "+5",
                           "-0",
                           "-0.0",
                           "5.",
                           ".5",
                           "1,5",
                           "0x10",
                           "1e400",
                           "1 ",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-2-1",
                           "0000-01-01",
                           "2024-02-29T24:00",
                           "2024-02-29T23:59Z",
                           "2024-02-29T23:59:59.1234567",
                           "2024-02-29T23:59:60",
                           "2024-02-29T23:59:59+25:00",
                           "t",
                           "yes",
                           "0198A1B2-0000-7000-8000-00000000ABCD"}) {
    EXPECT_EQ(kind(text), TextKind::kOther) << text;
  }
}

TEST(ReadText, OrdersMomentsAcrossZones) {
  EXPECT_EQ(read_text("2024-01-01T00:30:00+01:00").order, read_text("2023-12-31T23:30:00Z").order);
  EXPECT_EQ(read_text("1970-01-02").order, 86'400);
  EXPECT_EQ(read_text("1969-12-31").order, -86'400);
}

TEST(KindCounts, FindsTheNarrowestTypeThatHoldsEveryValue) {
  EXPECT_EQ(type_of({"1", "-2"}), "int");
  EXPECT_EQ(type_of({"1", "2147483648"}), "long");
  EXPECT_EQ(type_of({"9223372036854775807"}), "long");
  EXPECT_EQ(type_of({"9223372036854775808"}), "decimal(38, 0)");
  EXPECT_EQ(type_of({std::string(39, '9')}), "string");
  EXPECT_EQ(type_of({"1", "2.5"}), "decimal(18, 2)");
  EXPECT_EQ(type_of({"52.520008"}), "decimal(18, 6)");
  EXPECT_EQ(type_of({"0.123456789"}), "double");
  EXPECT_EQ(type_of({"0.12345678901234567"}), "decimal(18, 17)");
  EXPECT_EQ(type_of({"1", "1e9", "nan"}), "double");
  EXPECT_EQ(type_of({"9007199254740993", "1e9"}), "string");
  EXPECT_EQ(type_of({"true", "FALSE"}), "boolean");
  EXPECT_EQ(type_of({"2024-01-01", "2024-01-02"}), "date");
  EXPECT_EQ(type_of({"2024-01-01", "2024-01-02T00:00"}), "string");
  EXPECT_EQ(type_of({"2024-01-01T00:00:00", "2024-01-02T00:00:00Z"}), "string");
  EXPECT_EQ(type_of({"007", "8"}), "string");
  EXPECT_EQ(type_of({"1", "x"}), "string");
  EXPECT_EQ(type_of({"nan"}), "string");
  EXPECT_EQ(type_of({}), "?");
}

TEST(KindCounts, LeavesNumbersInQuotesTexts) {
  EXPECT_EQ(type_of({"1", "2"}, true), "string");
  EXPECT_EQ(type_of({"2024-01-01"}, true), "date");
  KindCounts both;
  both.add(read_text("1"), true);
  both.add(read_text("2"), false);
  EXPECT_EQ(data::to_text(both.narrowest().type), "int");
  both.add(read_text("x"), true);
  EXPECT_EQ(data::to_text(both.narrowest().type), "string");
  EXPECT_EQ(both.narrowest().misfits, 1);
}

TEST(KindCounts, GivesNoTypeUnderWhichAValueReadsOtherwise) {
  for (const char* text : {"0", "-12", "123456789012345678901234567890", "0.10", "-3.25", "1.5e10",
                           "2024-02-29", "true"}) {
    KindCounts counts;
    counts.add(read_text(text), false);
    EXPECT_TRUE(data::parse_value(text, counts.narrowest().type).ok()) << text;
  }
}

}  // namespace
}  // namespace sluice::decode
