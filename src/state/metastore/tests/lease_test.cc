#include "sluice/metastore/lease.h"

#include "sluice/metastore/tests/scratch_database.h"

namespace sluice::metastore {
namespace {

using base::ErrorKind;

constexpr std::int64_t kTtl = 60'000'000;

class LeaseTest : public ScratchDatabase {
 protected:
  void SetUp() override {
    ScratchDatabase::SetUp();
    ASSERT_TRUE(migrate(*database_, lease_migrations(), "test", clock_).ok());
  }

  base::Result<Lease> take(const char* holder) {
    return acquire_lease(*database_, "model gold.a", holder, kTtl, clock_);
  }

  base::Status check(const Lease& lease) {
    auto transaction = Transaction::begin(*database_);
    return check_lease(*transaction, lease);
  }

  base::ManualClock clock_{{1'000'000'000'000}};
};

TEST_F(LeaseTest, KeepsOthersOutUntilItRunsOut) {
  const auto first = take("a");
  EXPECT_EQ(first->epoch, 1);
  EXPECT_EQ(take("b").error().kind, ErrorKind::kConflict);
  clock_.advance_us(kTtl);
  EXPECT_EQ(take("b")->epoch, 2);
}

TEST_F(LeaseTest, FencesTheOneWhoWasOvertaken) {
  const auto first = take("a");
  EXPECT_TRUE(check(*first).ok());
  clock_.advance_us(kTtl);
  EXPECT_TRUE(check(*first).ok()) << "late, but nobody took over";
  const auto second = take("b");
  EXPECT_EQ(check(*first).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(renew_lease(*database_, *first, kTtl, clock_).error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(check(*second).ok());
}

TEST_F(LeaseTest, FencesAnEarlierSelf) {
  const auto before = take("a");
  const auto after = take("a");
  EXPECT_EQ(after->epoch, 2);
  EXPECT_EQ(check(*before).error().kind, ErrorKind::kConflict);
}

TEST_F(LeaseTest, IsProlongedByRenewing) {
  const auto lease = take("a");
  clock_.advance_us(kTtl - 1);
  ASSERT_TRUE(renew_lease(*database_, *lease, kTtl, clock_).ok());
  clock_.advance_us(kTtl - 1);
  EXPECT_EQ(take("b").error().kind, ErrorKind::kConflict);
}

TEST_F(LeaseTest, IsFreeOnceReleasedButOnlyByItsHolder) {
  const auto first = take("a");
  clock_.advance_us(kTtl);
  const auto second = take("b");
  ASSERT_TRUE(release_lease(*database_, *first).ok());
  EXPECT_EQ(take("c").error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(release_lease(*database_, *second).ok());
  EXPECT_EQ(take("c")->epoch, 3);
}

TEST_F(LeaseTest, IsJudgedByItsOwnTimeAndNotByThatOfWhoAsks) {
  ASSERT_TRUE(take("a").ok());
  EXPECT_EQ(acquire_lease(*database_, "model gold.a", "b", 1, clock_).error().kind,
            ErrorKind::kConflict);
  clock_.advance_us(kTtl);
  EXPECT_TRUE(acquire_lease(*database_, "model gold.a", "b", 1, clock_).ok());
}

TEST_F(LeaseTest, AClockThatWentBackKeepsNobodyOutForLong) {
  ASSERT_TRUE(take("a").ok());
  clock_.set({clock_.now().us - 1000});
  EXPECT_EQ(take("b").error().kind, ErrorKind::kConflict);
  clock_.set({clock_.now().us - 10 * kTtl});
  EXPECT_EQ(take("b")->epoch, 2);
}

}  // namespace
}  // namespace sluice::metastore
