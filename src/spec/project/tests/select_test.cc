#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/project/graph.h"

namespace sluice::project {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// bronze.o (0) -> silver.a (1), silver.b (2); silver.a -> gold.c (3) -> gold.d (4)
Graph sample_graph() {
  Graph graph;
  graph.tables = {{"bronze.o", TableKind::kSource, 0, {}, {1, 2}},
                  {"silver.a", TableKind::kModel, 0, {0}, {3}},
                  {"silver.b", TableKind::kModel, 1, {0}, {}},
                  {"gold.c", TableKind::kModel, 2, {1}, {4}},
                  {"gold.d", TableKind::kModel, 3, {3}, {}}};
  return graph;
}

Project sample_project() {
  Project project;
  project.sources.resize(1);
  project.sources[0].table = "bronze.o";
  project.sources[0].name = "o";
  project.sources[0].file = "sources/o.yaml";
  project.models.resize(4);
  const char* const files[] = {"models/silver/a.sql", "models/silver/b.sql", "models/gold/c.sql",
                               "models/gold/d.sql"};
  for (std::size_t i = 0; i < 4; ++i) {
    project.models[i].file = files[i];
  }
  project.models[0].tags = {"nightly"};
  project.models[2].tags = {"nightly", "finance"};
  return project;
}

base::Result<std::vector<std::size_t>> select_in_sample(std::string expression,
                                                        std::string exclude = "") {
  const Project project = sample_project();
  const Selection selection{std::move(expression), std::move(exclude), [](std::size_t table) {
                              return table == 2   ? DefinitionState::kModified
                                     : table == 4 ? DefinitionState::kNew
                                                  : DefinitionState::kSame;
                            }};
  return select(project, sample_graph(), selection);
}

std::vector<std::size_t> selected(std::string expression, std::string exclude = "") {
  auto result = select_in_sample(std::move(expression), std::move(exclude));
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? *result : std::vector<std::size_t>{};
}

std::string refusal(std::string expression) {
  auto result = select_in_sample(std::move(expression));
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().message;
}

TEST(Select, TakesATableAloneOrWithItsNeighbours) {
  EXPECT_THAT(selected("gold.c"), ElementsAre(3));
  EXPECT_THAT(selected("+gold.c"), ElementsAre(0, 1, 3));
  EXPECT_THAT(selected("silver.a+"), ElementsAre(1, 3, 4));
  EXPECT_THAT(selected("+gold.c+"), ElementsAre(0, 1, 3, 4));
}

TEST(Select, CountsStepsBesideThePlus) {
  EXPECT_THAT(selected("1+gold.d"), ElementsAre(3, 4));
  EXPECT_THAT(selected("2+gold.d"), ElementsAre(1, 3, 4));
  EXPECT_THAT(selected("bronze.o+1"), ElementsAre(0, 1, 2));
  EXPECT_THAT(selected("1+gold.c+1"), ElementsAre(1, 3, 4));
  EXPECT_THAT(refusal("gold.c+x"), testing::HasSubstr("a number of steps"));
}

TEST(Select, UnitesWordsAndIntersectsTerms) {
  EXPECT_THAT(selected("silver.b gold.d"), ElementsAre(2, 4));
  EXPECT_THAT(selected("gold.*"), ElementsAre(3, 4));
  EXPECT_THAT(selected(" "), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(selected("+gold.d,silver.*"), ElementsAre(1));
  EXPECT_THAT(selected("+gold.d , silver.* bronze.o"), ElementsAre(0, 1));
  EXPECT_THAT(selected("silver.*,gold.*"), IsEmpty());
}

TEST(Select, TakesEachOfAListOfPlainNames) {
  EXPECT_THAT(selected("silver.b, gold.d"), ElementsAre(2, 4));
}

TEST(Select, KnowsTagsPathsSourcesAndStates) {
  EXPECT_THAT(selected("tag:nightly"), ElementsAre(1, 3));
  EXPECT_THAT(selected("tag:nightly,path:models/gold"), ElementsAre(3));
  EXPECT_THAT(selected("path:models/silver/"), ElementsAre(1, 2));
  EXPECT_THAT(selected("path:models/*/c.sql"), ElementsAre(3));
  EXPECT_THAT(selected("source:o+1"), ElementsAre(0, 1, 2));
  EXPECT_THAT(selected("source:bronze.o"), ElementsAre(0));
  EXPECT_THAT(selected("state:modified"), ElementsAre(2, 4));
  EXPECT_THAT(selected("state:new"), ElementsAre(4));
}

TEST(Select, LeavesOutWhatIsExcluded) {
  EXPECT_THAT(selected("", "gold.*"), ElementsAre(0, 1, 2));
  EXPECT_THAT(selected("bronze.o+", "gold.c+ silver.b"), ElementsAre(0, 1));
}

TEST(Select, MeansSourcesOnlyWhereTheyAreNamed) {
  const auto selected_by_name = [](const std::string& expression) {
    const auto result =
        select(sample_project(), sample_graph(), {expression, "", nullptr, /*by name*/ true});
    EXPECT_TRUE(result.ok());
    return result.ok() ? *result : std::vector<std::size_t>{};
  };
  EXPECT_THAT(selected_by_name(""), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(selected_by_name("+gold.c"), ElementsAre(1, 3));
  EXPECT_THAT(selected_by_name("path:sources"), IsEmpty());
  EXPECT_THAT(selected_by_name("bronze.o"), ElementsAre(0));
  EXPECT_THAT(selected_by_name("source:o+1"), ElementsAre(0, 1, 2));
  EXPECT_THAT(selected_by_name("bronze.* +gold.c"), ElementsAre(0, 1, 3));
}

TEST(Select, NamesWhatMatchesNothing) {
  EXPECT_EQ(refusal("gold.c,silver.aa"), "no table matches 'silver.aa'; did you mean 'silver.a'?");
  EXPECT_EQ(refusal("tag:nightyl"), "no table matches 'tag:nightyl'; did you mean 'tag:nightly'?");
  EXPECT_THAT(refusal("tags:x"), testing::HasSubstr("there are tag:, path:, source: and state:"));
  EXPECT_THAT(refusal("state:old"), testing::HasSubstr("state:modified and state:new"));
  EXPECT_FALSE(select_in_sample("+").ok());
  EXPECT_FALSE(select_in_sample("gold.c,").ok());
  EXPECT_FALSE(select_in_sample("gold.c", "gold.x").ok());
}

}  // namespace
}  // namespace sluice::project
