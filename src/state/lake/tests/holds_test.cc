#include "sluice/lake/holds.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

TableName flights() { return {"bronze", "flights"}; }

class HoldsTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(root_); }

  const std::string root_ = new_test_folder();
  const std::string dir_ = holds_dir_of(root_);
  base::ManualClock clock_{{1'700'000'000'000'000}};
};

TEST_F(HoldsTest, HoldsEverythingUntilItSaysWhat) {
  auto hold = SnapshotHold::acquire(dir_, "query", clock_);
  ASSERT_TRUE(hold.ok()) << hold.error().message;
  auto holds = *list_holds(dir_);
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_TRUE(holds[0].everything);
  EXPECT_EQ(holds[0].pid, ::getpid());
  EXPECT_TRUE(is_held(holds, flights(), 1));

  const HeldTable held{flights(), 4711, "file:///lake/m.json"};
  ASSERT_TRUE(hold->narrow({&held, 1}).ok());
  holds = *list_holds(dir_);
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].reader, "query");
  EXPECT_EQ(holds[0].since, "2023-11-14T22:13:20Z");
  EXPECT_EQ(holds[0].tables[0].metadata_location, "file:///lake/m.json");
  EXPECT_TRUE(is_held(holds, flights(), 4711));
  EXPECT_FALSE(is_held(holds, flights(), 4712));
  EXPECT_FALSE(is_held(holds, {"bronze", "planes"}, 4711));
}

TEST_F(HoldsTest, EndsWithItsReader) {
  {
    const auto first = SnapshotHold::acquire(dir_, "query", clock_);
    const auto second = SnapshotHold::acquire(dir_, "query", clock_);
    EXPECT_EQ(list_holds(dir_)->size(), 2U);
  }
  EXPECT_TRUE(list_holds(dir_)->empty());
  EXPECT_TRUE(std::filesystem::is_empty(dir_));
}

TEST_F(HoldsTest, WhatCannotBeReadHoldsEverything) {
  const auto half = storage::SharedHold::acquire(dir_, "x", R"({"reader":"query","pid":1)");
  const auto holds = *list_holds(dir_);
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_TRUE(is_held(holds, flights(), 1));
}

TEST(Hold, SurvivesItsText) {
  Hold hold;
  hold.reader = "target \"dev\"\nof shop";
  hold.pid = 17;
  hold.since = "2026-11-23T05:41:29Z";
  hold.everything = false;
  hold.tables = {{flights(), std::nullopt, "file:///a b/%20.json"}};
  const auto again = parse_hold(to_json(hold));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->reader, hold.reader);
  EXPECT_EQ(again->tables[0].metadata_location, hold.tables[0].metadata_location);
  EXPECT_EQ(again->tables[0].snapshot_id, std::nullopt);
  EXPECT_FALSE(again->everything);
}

TEST(Hold, IsRefusedWhenItIsNone) {
  for (const char* text : {"", "[]", "{}", R"({"reader":"q","pid":"1","since":""})",
                           R"({"reader":"q","pid":1,"since":"","tables":[1]})",
                           R"({"reader":"q","pid":1,"since":"","tables":[{"table":"x"}]})"}) {
    EXPECT_FALSE(parse_hold(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sluice::lake
