#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/project/graph.h"

namespace sluice::project {
namespace {

using testing::ElementsAre;

/// bronze.o (0) -> silver.a (1), silver.b (2); silver.a -> gold.c (3) -> gold.d (4)
Graph sample() {
  Graph graph;
  graph.tables = {{"bronze.o", TableKind::kSource, 0, {}, {1, 2}},
                  {"silver.a", TableKind::kModel, 0, {0}, {3}},
                  {"silver.b", TableKind::kModel, 1, {0}, {}},
                  {"gold.c", TableKind::kModel, 2, {1}, {4}},
                  {"gold.d", TableKind::kModel, 3, {3}, {}}};
  return graph;
}

std::vector<std::size_t> selected(std::string_view expression) {
  auto result = select(sample(), expression);
  EXPECT_TRUE(result.ok());
  return result.ok() ? *result : std::vector<std::size_t>{};
}

TEST(Select, TakesATableAloneOrWithItsNeighbours) {
  EXPECT_THAT(selected("gold.c"), ElementsAre(3));
  EXPECT_THAT(selected("+gold.c"), ElementsAre(0, 1, 3));
  EXPECT_THAT(selected("silver.a+"), ElementsAre(1, 3, 4));
  EXPECT_THAT(selected("+gold.c+"), ElementsAre(0, 1, 3, 4));
}

TEST(Select, JoinsTermsAndTakesGlobs) {
  EXPECT_THAT(selected("silver.b, gold.d"), ElementsAre(2, 4));
  EXPECT_THAT(selected("gold.*"), ElementsAre(3, 4));
  EXPECT_THAT(selected(" "), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Select, NamesWhatMatchesNothing) {
  const auto result = select(sample(), "gold.c,silver.aa");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, base::ErrorKind::kNotFound);
  EXPECT_EQ(result.error().message, "no table matches 'silver.aa'; did you mean 'silver.a'?");
  EXPECT_FALSE(select(sample(), "+").ok());
  EXPECT_FALSE(select(sample(), "gold.c,").ok());
}

}  // namespace
}  // namespace sluice::project
