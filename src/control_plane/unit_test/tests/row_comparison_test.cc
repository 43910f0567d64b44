#include "sluice/unit_test/row_comparison.h"

#include <gmock/gmock.h>

#include <cmath>

namespace sluice::unit_test {
namespace {

using data::Batch;
using data::TypeKind;
using data::Value;
using testing::HasSubstr;
using testing::Not;

Batch batch(std::vector<Value> ids, std::vector<Value> shares) {
  return {{{"id", {TypeKind::kLong}, std::move(ids)},
           {"share", {TypeKind::kDouble}, std::move(shares)}}};
}

constexpr std::int64_t kOne = 1;
constexpr std::int64_t kTwo = 2;

TEST(RowComparison, OrderDoesNotMatter) {
  EXPECT_EQ(row_differences(batch({kOne, kTwo}, {0.5, 0.25}), batch({kTwo, kOne}, {0.25, 0.5})),
            "");
}

TEST(RowComparison, DuplicatesCount) {
  const std::string text = row_differences(batch({kOne, kOne}, {0.5, 0.5}), batch({kOne}, {0.5}));
  EXPECT_EQ(text,
            "2 rows expected, 1 came; - did not come, + was not expected\n"
            "   id  share\n"
            "-  1   0.5\n");
}

TEST(RowComparison, NullEqualsNullAndNothingElse) {
  EXPECT_EQ(row_differences(batch({Value()}, {Value()}), batch({Value()}, {Value()})), "");
  EXPECT_THAT(row_differences(batch({kOne}, {Value()}), batch({kOne}, {0.0})),
              HasSubstr("-  1   NULL"));
}

TEST(RowComparison, FloatsAreEqualWithinTheTolerance) {
  EXPECT_EQ(row_differences(batch({kOne}, {0.1 + 0.2}), batch({kOne}, {0.3})), "");
  EXPECT_NE(row_differences(batch({kOne}, {0.3001}), batch({kOne}, {0.3})), "");
  EXPECT_EQ(row_differences(batch({kOne}, {std::nan("")}), batch({kOne}, {std::nan("")})), "");
}

TEST(RowComparison, RowsThatDifferInAFloatAloneAreFoundWhateverTheirOrder) {
  EXPECT_EQ(row_differences(batch({kOne, kOne, kTwo}, {0.3, 7.0, 1.0}),
                            batch({kTwo, kOne, kOne}, {1.0, 7.0, 0.1 + 0.2})),
            "");
}

TEST(RowComparison, NamesTheColumnsInWhichRowsDiffer) {
  const auto text =
      row_differences(batch({kOne, kTwo}, {0.5, 0.25}), batch({kOne, kTwo}, {0.5, 0.75}));
  EXPECT_THAT(text, HasSubstr("where id 2: share 0.75 instead of 0.25\n"));
  EXPECT_THAT(row_differences(batch({kOne}, {0.5}), batch({kTwo}, {0.75})),
              Not(HasSubstr("where")));
  Batch expected = batch({kOne}, {0.5});
  Batch actual = batch({kOne}, {0.75});
  expected.columns.push_back({"name", {TypeKind::kString}, {std::string("a")}});
  actual.columns.push_back({"name", {TypeKind::kString}, {std::string("a")}});
  EXPECT_THAT(row_differences(expected, actual),
              HasSubstr("where id 1, name a: share 0.75 instead of 0.5\n"));
}

TEST(RowComparison, FloatsInsideOfColumnsAreEqualWithinTheTolerance) {
  const auto nested = [](double value) {
    return Batch{{{"l", *data::parse_type("list<double>"), {data::NestedValue({Value(value)})}}}};
  };
  EXPECT_EQ(row_differences(nested(0.1 + 0.2), nested(0.3)), "");
  EXPECT_NE(row_differences(nested(0.31), nested(0.3)), "");
}

TEST(RowComparison, PrintsAtMostSoManyRows) {
  std::vector<Value> many(100, Value(kOne));
  std::vector<Value> shares(100, Value(0.5));
  const std::string text = row_differences(batch({}, {}), batch(many, shares), 3);
  EXPECT_THAT(text, HasSubstr("0 rows expected, 100 came"));
  EXPECT_THAT(text, HasSubstr("and 97 more"));
}

}  // namespace
}  // namespace sluice::unit_test
