#include "sluice/lake/bounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "sluice/base/digest.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;
using data::Type;
using data::TypeKind;
using data::Value;

struct Sample {
  Type type;
  const char* text;
  const char* hex;
};

// The spec's "Binary single-value serialization", by hand.
const Sample kSamples[] = {
    {Type{TypeKind::kBoolean}, "false", "00"},
    {Type{TypeKind::kBoolean}, "true", "01"},
    {Type{TypeKind::kInt}, "34", "22000000"},
    {Type{TypeKind::kInt}, "-1", "ffffffff"},
    {Type{TypeKind::kLong}, "34", "2200000000000000"},
    {Type{TypeKind::kLong}, "-9223372036854775808", "0000000000000080"},
    {Type{TypeKind::kFloat}, "1", "0000803f"},
    {Type{TypeKind::kDouble}, "1", "000000000000f03f"},
    {Type{TypeKind::kDate}, "1970-01-02", "01000000"},
    {Type{TypeKind::kTime}, "00:00:00.000001", "0100000000000000"},
    {Type{TypeKind::kTimestamp}, "1970-01-01T00:00:00.000001", "0100000000000000"},
    {Type{TypeKind::kTimestamptz}, "1969-12-31T23:59:59.999999Z", "ffffffffffffffff"},
    {data::decimal_type(9, 2), "14.20", "058c"},
    {data::decimal_type(9, 2), "0.00", "00"},
    {data::decimal_type(9, 2), "1.28", "0080"},
    {data::decimal_type(9, 2), "-1.28", "80"},
    {data::decimal_type(9, 2), "-1.29", "ff7f"},
    {data::decimal_type(38, 0), "99999999999999999999999999999999999999",
     "4b3b4ca85a86c47a098a223fffffffff"},
    {data::decimal_type(38, 0), "-99999999999999999999999999999999999999",
     "b4c4b357a5793b85f675ddc000000001"},
    {Type{TypeKind::kString}, "iceberg", "69636562657267"},
    {Type{TypeKind::kString}, "", ""},
    {Type{TypeKind::kUuid}, "f79c3e09-677c-4bbd-a479-3f349cb785e7",
     "f79c3e09677c4bbda4793f349cb785e7"},
    {Type{TypeKind::kFixed, 0, 0, 3}, "0001ff", "0001ff"},
    {Type{TypeKind::kBinary}, "0001ff", "0001ff"},
};

TEST(Bounds, EncodesAndDecodesEveryType) {
  for (const Sample& sample : kSamples) {
    const auto value = data::parse_value(sample.text, sample.type);
    ASSERT_TRUE(value.ok()) << sample.text;
    const auto bytes = encode_value(*value, sample.type);
    ASSERT_TRUE(bytes.ok()) << sample.text;
    EXPECT_EQ(base::to_hex(*bytes), sample.hex) << data::to_text(sample.type) << sample.text;
    const auto back = decode_value(*bytes, sample.type);
    ASSERT_TRUE(back.ok()) << sample.text;
    EXPECT_EQ(*back, *value) << data::to_text(sample.type) << sample.text;
  }
}

TEST(Bounds, RefusesLengthsThatFitNoValue) {
  for (const Sample& sample : kSamples) {
    const TypeKind kind = sample.type.kind;
    if (kind == TypeKind::kString || kind == TypeKind::kBinary || kind == TypeKind::kFixed) {
      continue;
    }
    const auto value = decode_value(std::string(17, 'x'), sample.type);
    ASSERT_FALSE(value.ok()) << data::to_text(sample.type);
    EXPECT_EQ(value.error().kind, ErrorKind::kCorrupt);
    EXPECT_FALSE(decode_value("", sample.type).ok()) << data::to_text(sample.type);
  }
}

TEST(Bounds, RefusesToEncodeNullAndOtherTypes) {
  for (const Sample& sample : kSamples) {
    EXPECT_FALSE(encode_value(Value(), sample.type).ok());
    const Value other = sample.type.kind == TypeKind::kBoolean ? Value(1.0) : Value(true);
    EXPECT_EQ(encode_value(other, sample.type).error().kind, ErrorKind::kInvalidInput);
  }
}

TEST(Bounds, ReadsValuesStoredBeforeAColumnWasWidened) {
  EXPECT_EQ(*decode_value(*encode_value(Value(std::int32_t{-7}), Type{TypeKind::kInt}),
                          Type{TypeKind::kLong}),
            Value(std::int64_t{-7}));
  EXPECT_EQ(
      *decode_value(*encode_value(Value(1.5F), Type{TypeKind::kFloat}), Type{TypeKind::kDouble}),
      Value(1.5));
  EXPECT_EQ(*widen_value(Value(std::int32_t{-7}), Type{TypeKind::kLong}), Value(std::int64_t{-7}));
  EXPECT_EQ(*widen_value(Value(1.5F), Type{TypeKind::kDouble}), Value(1.5));
  EXPECT_FALSE(widen_value(Value(1.5), Type{TypeKind::kFloat}).ok());
}

TEST(Bounds, LeavesShortTextWhole) {
  const Type text{TypeKind::kString};
  const Value value(std::string("0123456789abcdef"));
  EXPECT_EQ(lower_bound(value, text), value);
  EXPECT_EQ(upper_bound(value, text), value);
}

TEST(Bounds, CutsLongTextByCodePointsAndRoundsUp) {
  const Type text{TypeKind::kString};
  const Value value(std::string("ääääääääääääääääx"));
  EXPECT_EQ(lower_bound(value, text), Value(std::string("ääääääääääääääää")));
  EXPECT_EQ(upper_bound(value, text), Value(std::string("äääääääääääääääå")));
}

TEST(Bounds, RoundsUpOverCodePointsThatHaveNoSuccessor) {
  const Type text{TypeKind::kString};
  EXPECT_EQ(upper_bound(Value(std::string("a\U0010FFFFz")), text, 2), Value(std::string("b")));
  EXPECT_EQ(upper_bound(Value(std::string("\U0010FFFFz")), text, 1), std::nullopt);
  EXPECT_EQ(upper_bound(Value(std::string("\uD7FFz")), text, 1), Value(std::string("\uE000")));
  EXPECT_EQ(upper_bound(Value(std::string("\x7Fz")), text, 1), Value(std::string("\u0080")));
  EXPECT_EQ(upper_bound(Value(std::string("\uFFFFz")), text, 1), Value(std::string("\U00010000")));
}

TEST(Bounds, GivesNoUpperBoundForLongTextThatIsNotUtf8) {
  EXPECT_EQ(upper_bound(Value("\xC3" + std::string(20, 'x')), Type{TypeKind::kString}),
            std::nullopt);
}

TEST(Bounds, CutsLongBinaryAndRoundsUp) {
  const Type binary{TypeKind::kBinary};
  const Value value(std::string("ab\xFF\xFF\xFF"));
  EXPECT_EQ(lower_bound(value, binary, 3), Value(std::string("ab\xFF")));
  EXPECT_EQ(upper_bound(value, binary, 3), Value(std::string("ac")));
  EXPECT_EQ(upper_bound(Value(std::string(5, '\xFF')), binary, 3), std::nullopt);
}

TEST(Bounds, GivesNoneForNullAndNaN) {
  for (const Value& value : {Value(), Value(std::nan("")), Value(std::nanf(""))}) {
    const Type type{TypeKind::kDouble};
    EXPECT_EQ(lower_bound(value, type), std::nullopt);
    EXPECT_EQ(upper_bound(value, type), std::nullopt);
  }
}

TEST(Bounds, CoversBothZeros) {
  const Type type{TypeKind::kDouble};
  EXPECT_TRUE(std::signbit(std::get<double>(*lower_bound(Value(0.0), type))));
  EXPECT_FALSE(std::signbit(std::get<double>(*upper_bound(Value(-0.0), type))));
}

}  // namespace
}  // namespace sluice::lake
