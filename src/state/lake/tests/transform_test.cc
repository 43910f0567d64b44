#include "sluice/lake/transform.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sluice::lake {
namespace {

using base::ErrorKind;
using data::Type;
using data::TypeKind;
using data::Value;

Value value(std::string_view text, const Type& type) {
  auto parsed = data::parse_value(text, type);
  EXPECT_TRUE(parsed.ok()) << text;
  return *parsed;
}

/// Applies a transform given as text to a value given as text.
Value applied(std::string_view transform, std::string_view text, const Type& type) {
  auto result = apply(*parse_transform(transform), value(text, type), type);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return *result;
}

/// The hash of a value, read off a bucket count that leaves it whole.
std::int32_t hash(std::string_view text, const Type& type) {
  return std::get<std::int32_t>(applied("bucket[2147483647]", text, type));
}

std::int32_t positive(std::int32_t hash_value) { return (hash_value & 0x7FFFFFFF) % 2147483647; }

TEST(Transform, BucketsByTheSpecsHashes) {
  EXPECT_EQ(hash("34", Type{TypeKind::kInt}), positive(2017239379));
  EXPECT_EQ(hash("34", Type{TypeKind::kLong}), positive(2017239379));
  EXPECT_EQ(hash("14.20", data::decimal_type(9, 2)), positive(-500754589));
  EXPECT_EQ(hash("2017-11-16", Type{TypeKind::kDate}), positive(-653330422));
  EXPECT_EQ(hash("22:31:08", Type{TypeKind::kTime}), positive(-662762989));
  EXPECT_EQ(hash("2017-11-16T22:31:08", Type{TypeKind::kTimestamp}), positive(-2047944441));
  EXPECT_EQ(hash("2017-11-16T22:31:08.000001", Type{TypeKind::kTimestamp}), positive(-1207196810));
  EXPECT_EQ(hash("2017-11-16T14:31:08-08:00", Type{TypeKind::kTimestamptz}), positive(-2047944441));
  EXPECT_EQ(hash("iceberg", Type{TypeKind::kString}), positive(1210000089));
  EXPECT_EQ(hash("f79c3e09-677c-4bbd-a479-3f349cb785e7", Type{TypeKind::kUuid}),
            positive(1488055340));
  EXPECT_EQ(hash("00010203", Type{TypeKind::kFixed, 0, 0, 4}), positive(-188683207));
  EXPECT_EQ(hash("00010203", Type{TypeKind::kBinary}), positive(-188683207));
}

TEST(Transform, TruncatesByTheSpecsExamples) {
  EXPECT_EQ(applied("truncate[10]", "1", Type{TypeKind::kInt}), Value(std::int32_t{0}));
  EXPECT_EQ(applied("truncate[10]", "-1", Type{TypeKind::kInt}), Value(std::int32_t{-10}));
  EXPECT_EQ(applied("truncate[10]", "1", Type{TypeKind::kLong}), Value(std::int64_t{0}));
  EXPECT_EQ(applied("truncate[10]", "-1", Type{TypeKind::kLong}), Value(std::int64_t{-10}));
  EXPECT_EQ(applied("truncate[50]", "10.65", data::decimal_type(9, 2)),
            value("10.50", data::decimal_type(9, 2)));
  EXPECT_EQ(applied("truncate[3]", "iceberg", Type{TypeKind::kString}), Value(std::string("ice")));
  EXPECT_EQ(applied("truncate[2]", "äöü", Type{TypeKind::kString}), Value(std::string("äö")));
  EXPECT_EQ(applied("truncate[3]", "0001020304", Type{TypeKind::kBinary}),
            value("000102", Type{TypeKind::kBinary}));
}

TEST(Transform, TruncatesTheLeastIntegerWithoutOverflow) {
  const auto least = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(
      apply(Transform{TransformKind::kTruncate, 10}, Value(least), Type{TypeKind::kLong}).ok());
}

TEST(Transform, TakesPartsOfTimeBeforeAndAfter1970) {
  const Type date{TypeKind::kDate};
  const Type ts{TypeKind::kTimestamp};
  EXPECT_EQ(applied("year", "2017-11-16", date), Value(std::int32_t{47}));
  EXPECT_EQ(applied("month", "2017-11-16", date), Value(std::int32_t{47 * 12 + 10}));
  EXPECT_EQ(applied("day", "2017-11-16", date), Value(std::int32_t{17486}));
  EXPECT_EQ(applied("day", "2017-11-16T22:31:08", ts), Value(std::int32_t{17486}));
  EXPECT_EQ(applied("hour", "2017-11-16T22:31:08", ts), Value(std::int32_t{17486 * 24 + 22}));
  EXPECT_EQ(applied("year", "1969-12-31T23:59:59.999999", ts), Value(std::int32_t{-1}));
  EXPECT_EQ(applied("month", "1969-12-31T23:59:59.999999", ts), Value(std::int32_t{-1}));
  EXPECT_EQ(applied("day", "1969-12-31T23:59:59.999999", ts), Value(std::int32_t{-1}));
  EXPECT_EQ(applied("hour", "1969-12-31T23:59:59.999999", ts), Value(std::int32_t{-1}));
}

TEST(Transform, GivesNullForNullAndForVoid) {
  const Type type{TypeKind::kLong};
  for (const char* text : {"identity", "bucket[4]", "truncate[4]", "void"}) {
    EXPECT_TRUE(data::is_null(*apply(*parse_transform(text), Value(), type))) << text;
  }
  EXPECT_TRUE(data::is_null(applied("void", "7", type)));
}

TEST(Transform, PrintsWhatItParses) {
  for (const char* text :
       {"identity", "year", "month", "day", "hour", "void", "bucket[16]", "truncate[4]"}) {
    const auto transform = parse_transform(text);
    ASSERT_TRUE(transform.ok()) << text;
    EXPECT_EQ(to_text(*transform), text);
  }
}

TEST(Transform, RefusesUnknownTransformsByName) {
  for (const char* text : {"zorder", "bucket", "bucket[0]", "bucket[-1]", "bucket[x]", "day[1]",
                           "bucket[99999999999]", ""}) {
    const auto transform = parse_transform(text);
    ASSERT_FALSE(transform.ok()) << text;
    EXPECT_EQ(transform.error().kind, ErrorKind::kUnsupported);
    EXPECT_NE(transform.error().message.find(text), std::string::npos);
  }
}

TEST(ColumnTransform, PrintsWhatItParses) {
  for (const char* text : {"id", "day(ts)", "bucket(16, id)", "truncate(4, name)"}) {
    const auto transform = parse_column_transform(text);
    ASSERT_TRUE(transform.ok()) << text;
    EXPECT_EQ(to_text(*transform), text);
  }
  EXPECT_EQ(*parse_column_transform(" bucket( 16 ,id ) "),
            (ColumnTransform{{TransformKind::kBucket, 16}, "id"}));
}

TEST(ColumnTransform, RefusesWhatIsNeitherColumnNorTransform) {
  for (const char* text : {"", "day(", "day()", "bucket(id)", "bucket(0, id)", "week(ts)",
                           "day(a, b)", "day(hour(ts))"}) {
    const auto transform = parse_column_transform(text);
    ASSERT_FALSE(transform.ok()) << text;
    EXPECT_EQ(transform.error().kind, ErrorKind::kInvalidInput);
  }
}

TEST(ColumnTransform, NamesItsPartitionField) {
  EXPECT_EQ(partition_field_name(*parse_column_transform("id")), "id");
  EXPECT_EQ(partition_field_name(*parse_column_transform("day(ts)")), "ts_day");
  EXPECT_EQ(partition_field_name(*parse_column_transform("bucket(16, id)")), "id_bucket_16");
  EXPECT_EQ(partition_field_name(*parse_column_transform("truncate(4, s)")), "s_trunc_4");
}

TEST(Transform, RefusesTypesItCannotBeAppliedTo) {
  EXPECT_EQ(result_type({TransformKind::kHour}, Type{TypeKind::kDate}).error().kind,
            ErrorKind::kInvalidInput);
  EXPECT_FALSE(result_type({TransformKind::kBucket, 4}, Type{TypeKind::kDouble}).ok());
  EXPECT_FALSE(result_type({TransformKind::kTruncate, 4}, Type{TypeKind::kDate}).ok());
  EXPECT_FALSE(result_type({TransformKind::kYear}, Type{TypeKind::kTime}).ok());
  EXPECT_EQ(*result_type({TransformKind::kDay}, Type{TypeKind::kTimestamp}), Type{TypeKind::kDate});
  EXPECT_FALSE(apply({TransformKind::kDay}, Value(true), Type{TypeKind::kDate}).ok());
}

}  // namespace
}  // namespace sluice::lake
