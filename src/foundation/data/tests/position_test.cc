#include "sluice/data/position.h"

#include <gtest/gtest.h>

namespace sluice::data {
namespace {

TEST(Position, SurvivesItsText) {
  const Position position{"files:a:b", 17};
  EXPECT_EQ(*parse_position(to_text(position)), position);
}

TEST(Position, RefusesOtherText) {
  for (const char* text : {"", "a", ":1", "a:", "a:x", "a:-1", "a:1x"}) {
    EXPECT_EQ(parse_position(text).error().kind, base::ErrorKind::kCorrupt) << text;
  }
}

TEST(Position, MovesOnlyForwardsInOneLineage) {
  EXPECT_TRUE(check_advance({"a", 1}, {"a", 1}).ok());
  EXPECT_TRUE(check_advance({"a", 1}, {"a", 2}).ok());
  EXPECT_FALSE(check_advance({"a", 2}, {"a", 1}).ok());
  EXPECT_FALSE(check_advance({"a", 1}, {"b", 2}).ok());
}

}  // namespace
}  // namespace sluice::data
