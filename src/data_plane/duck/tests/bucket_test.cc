#include "sluice/duck/bucket.h"

#include <gtest/gtest.h>

#include "sluice/duck/database.h"

namespace sluice::duck {
namespace {

class BucketTest : public testing::Test {
 protected:
  Database database_ = *Database::open({});
  Connection connection_ = *database_.connect();

  void SetUp() override {
    for (ScalarFunction& function : bucket_functions()) {
      ASSERT_TRUE(connection_.add_function(std::move(function)).ok());
    }
  }

  /// The hash itself, without its sign bit: there are as many buckets as values.
  std::int64_t hash(const std::string& call) {
    auto result = connection_.query("SELECT sluice_bucket_" + call + ", 2147483648)");
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return std::get<std::int64_t>((*result->next_batch())->columns[0].values[0]);
  }
};

constexpr std::int64_t positive(std::int32_t hash) { return hash & 0x7FFFFFFF; }

TEST_F(BucketTest, GivesTheSpecsHashOfEveryType) {
  // Iceberg spec, "Appendix B: 32-bit Hash Requirements".
  EXPECT_EQ(hash("long(34"), positive(2017239379));
  EXPECT_EQ(hash("long(date_diff('day', DATE '1970-01-01', DATE '2017-11-16')"),
            positive(-653330422));
  EXPECT_EQ(hash("long(epoch_us(TIME '22:31:08')"), positive(-662762989));
  EXPECT_EQ(hash("long(epoch_us(TIMESTAMP '2017-11-16 22:31:08')"), positive(-2047944441));
  EXPECT_EQ(hash("decimal(CAST(CAST('14.20' AS DECIMAL(9, 2)) AS VARCHAR)"), positive(-500754589));
  EXPECT_EQ(hash("bytes(encode('iceberg')"), positive(1210000089));
  EXPECT_EQ(hash("bytes(unhex('f79c3e09677c4bbda4793f349cb785e7')"), positive(1488055340));
  EXPECT_EQ(hash("bytes(unhex('00010203')"), positive(-188683207));
}

TEST_F(BucketTest, NullHasNoBucket) {
  auto result = connection_.query("SELECT sluice_bucket_long(NULL, 4)");
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(data::is_null((*result->next_batch())->columns[0].values[0]));
}

TEST_F(BucketTest, DecimalsOfAnyScaleHashByTheirUnscaledNumber) {
  EXPECT_EQ(hash("decimal('-14.20'"), hash("decimal('-1420'"));
  EXPECT_EQ(hash("decimal('0.05'"), hash("decimal('5'"));
}

}  // namespace
}  // namespace sluice::duck
