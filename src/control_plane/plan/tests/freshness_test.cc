#include "sluice/plan/freshness.h"

#include <gtest/gtest.h>

namespace sluice::plan {
namespace {

const PublishedState kPublished{"f1", {{"bronze.a", 1}, {"bronze.b", 2}}, 10, "c1"};

TEST(Freshness, IsFreshWhenNothingMoved) {
  EXPECT_FALSE(assess(kPublished, "f1", {{"bronze.a", 1}, {"bronze.b", 2}}, 10, false).stale());
}

TEST(Freshness, NamesWhatMoved) {
  const auto moved = assess(kPublished, "f1", {{"bronze.a", 1}, {"bronze.b", 3}}, 10, false);
  EXPECT_EQ(moved.staleness, Staleness::kInputsMoved);
  EXPECT_EQ(moved.reason, "bronze.b changed");
  EXPECT_EQ(assess(kPublished, "f1", {{"bronze.a", 1}}, 10, false).reason, "bronze.b changed");
}

TEST(Freshness, RebuildsForADefinitionAStrangerOrAWish) {
  const InputSnapshots same = kPublished.inputs;
  EXPECT_EQ(assess(kPublished, "f2", same, 10, false).staleness, Staleness::kDefinitionChanged);
  EXPECT_EQ(assess(kPublished, "f1", same, 11, false).staleness, Staleness::kTableMoved);
  EXPECT_EQ(assess(kPublished, "f1", same, 10, true).staleness, Staleness::kForced);
  EXPECT_EQ(assess(std::nullopt, "f1", same, std::nullopt, false).staleness,
            Staleness::kNeverBuilt);
}

TEST(Freshness, ABorrowedTableIsStaleForItsDefinitionAndForOwnInputs) {
  EXPECT_FALSE(assess_borrowed(kPublished, "f1", {}, "prod", false).stale());
  EXPECT_EQ(assess_borrowed(kPublished, "f2", {}, "prod", false).staleness,
            Staleness::kDefinitionChanged);
  const auto own = assess_borrowed(kPublished, "f1", {"bronze.a"}, "prod", false);
  EXPECT_EQ(own.staleness, Staleness::kInputsMoved);
  EXPECT_EQ(own.reason, "this target has its own bronze.a");
  EXPECT_EQ(assess_borrowed(kPublished, "f1", {}, "prod", true).staleness, Staleness::kForced);
  EXPECT_EQ(assess_borrowed(std::nullopt, "f1", {}, "prod", false).staleness,
            Staleness::kNeverBuilt);
}

TEST(Freshness, RebuildsForAnotherContract) {
  const InputSnapshots same = kPublished.inputs;
  EXPECT_FALSE(assess(kPublished, "f1", same, 10, false, "c1").stale());
  EXPECT_EQ(assess(kPublished, "f1", same, 10, false, "c2").reason, "its contract changed");
  EXPECT_EQ(assess(kPublished, "f1", same, 10, false, "").reason, "it has no contract any more");
  PublishedState before = kPublished;
  before.contract = "";
  EXPECT_EQ(assess(before, "f1", same, 10, false, "c1").staleness, Staleness::kContractChanged);
  before.contract.reset();  // published by a version that did not keep it
  EXPECT_FALSE(assess(before, "f1", same, 10, false, "c1").stale());
}

}  // namespace
}  // namespace sluice::plan
