#include "sluice/data/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sluice::data {
namespace {

struct Case {
  Type type;
  const char* text;
};

TEST(Value, SurvivesItsText) {
  const Case cases[] = {
      {{TypeKind::kBoolean}, "true"},
      {{TypeKind::kInt}, "-2147483648"},
      {{TypeKind::kLong}, "9223372036854775807"},
      {{TypeKind::kDouble}, "0.1"},
      {decimal_type(9, 2), "-0.05"},
      {decimal_type(38, 0), "99999999999999999999999999999999999999"},
      {decimal_type(38, 38), "0.00000000000000000000000000000000000001"},
      {{TypeKind::kDate}, "1969-12-31"},
      {{TypeKind::kTime}, "23:59:59.999999"},
      {{TypeKind::kTimestamp}, "2013-01-01T05:00:00"},
      {{TypeKind::kTimestamptz}, "1900-01-01T00:00:00.000001Z"},
      {{TypeKind::kString}, "Zürich"},
      {{TypeKind::kUuid}, "0197a7d0-1111-7222-8333-444455556666"},
      {{TypeKind::kBinary}, "00ff"},
  };
  for (const Case& item : cases) {
    const auto value = parse_value(item.text, item.type);
    ASSERT_TRUE(value.ok()) << item.text;
    EXPECT_EQ(to_text(*value, item.type), item.text);
  }
}

TEST(Value, RefusesTextOfAnotherType) {
  EXPECT_FALSE(parse_value("1.5", {TypeKind::kInt}).ok());
  EXPECT_FALSE(parse_value("2147483648", {TypeKind::kInt}).ok());
  EXPECT_FALSE(parse_value("1.234", decimal_type(9, 2)).ok());
  EXPECT_FALSE(parse_value("12345678", decimal_type(9, 2)).ok());
  EXPECT_FALSE(parse_value("2013-02-30", {TypeKind::kDate}).ok());
  EXPECT_FALSE(parse_value("24:00:00", {TypeKind::kTime}).ok());
  EXPECT_FALSE(parse_value("yes", {TypeKind::kBoolean}).ok());
  EXPECT_FALSE(parse_value("0197", {TypeKind::kUuid}).ok());
}

TEST(Value, OrdersLikeBounds) {
  EXPECT_LT(compare_values(Value(std::string("a")), Value(std::string("\xc3\xa9"))), 0);
  EXPECT_GT(compare_values(Value(std::nan("")), Value(std::numeric_limits<double>::infinity())), 0);
  EXPECT_EQ(compare_values(Value(std::int64_t{1}), Value(std::int64_t{1})), 0);
}

TEST(Value, HoldsThe128BitExtremes) {
  const char* lowest = "-170141183460469231731687303715884105728";
  EXPECT_EQ(int128_to_text(*parse_int128(lowest)), lowest);
  EXPECT_FALSE(parse_int128("170141183460469231731687303715884105728").ok());
}

TEST(Value, NestedLooksLikeJson) {
  const Type type = *parse_type("struct<a: int, \"b c\": list<string>, m: map<date, double>>");
  const Value value = NestedValue(
      {Value(std::int32_t{1}), NestedValue({Value(std::string("x\"y\n")), Value()}),
       NestedValue({Value(std::int32_t{0}), Value(0.5), Value(std::int32_t{1}), Value()})});
  EXPECT_EQ(
      to_text(value, type),
      R"({"a": 1, "b c": ["x\"y\u000a", null], "m": {"1970-01-01": 0.5, "1970-01-02": null}})");
  EXPECT_EQ(to_text(NestedValue(), *parse_type("list<int>")), "[]");
  EXPECT_EQ(parse_value("[]", *parse_type("list<int>")).error().kind,
            base::ErrorKind::kUnsupported);
}

TEST(Value, NestedIsComparedInDepth) {
  const auto list = [](std::vector<Value> items) { return Value(NestedValue(std::move(items))); };
  const Value one = list({list({Value(std::int32_t{1})}), Value()});
  EXPECT_EQ(one, list({list({Value(std::int32_t{1})}), Value()}));
  EXPECT_NE(one, list({list({Value(std::int32_t{2})}), Value()}));
  EXPECT_NE(one, list({}));
  EXPECT_EQ(list({}), Value(NestedValue()));
  EXPECT_LT(compare_values(list({Value()}), list({Value(std::int32_t{0})})), 0);
  EXPECT_LT(compare_values(list({}), list({Value()})), 0);
  EXPECT_GT(compare_values(list({Value(std::int32_t{2})}),
                           list({Value(std::int32_t{1}), Value(std::int32_t{5})})),
            0);
}

}  // namespace
}  // namespace sluice::data
