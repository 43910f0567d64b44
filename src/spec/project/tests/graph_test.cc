#include "sluice/project/graph.h"

#include <gtest/gtest.h>

#include <map>

namespace sluice::project {
namespace {

/// Builds a project of one source and the given models, each with the tables it reads.
using Models = std::map<std::string, std::vector<std::string>>;

struct Built {
  Project project;
  std::vector<std::vector<TableUse>> uses;

  explicit Built(const Models& models) {
    Source source;
    source.table = "bronze.orders";
    source.file = "sources/orders.yaml";
    project.sources.push_back(source);
    for (const auto& [name, reads] : models) {
      Model model;
      model.table = name;
      model.file = "models/" + name + ".sql";
      model.text = "SELECT *\n";
      project.models.push_back(model);
      std::vector<TableUse>& used = uses.emplace_back();
      for (const std::string& table : reads) {
        used.push_back({table, {1, 8}});
      }
    }
  }
};

std::string complaint(const Built& built) {
  yaml::Diagnostics diagnostics;
  EXPECT_FALSE(build_graph(built.project, built.uses, diagnostics).has_value());
  return diagnostics.to_text();
}

Graph graph_of(const Built& built) {
  yaml::Diagnostics diagnostics;
  auto graph = build_graph(built.project, built.uses, diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.to_text();
  return graph ? *graph : Graph{};
}

TEST(BuildGraph, PutsTablesAfterWhatTheyRead) {
  const Graph graph =
      graph_of(Built(Models{{"gold.a", {"silver.z", "silver.y"}},
                            {"silver.y", {"bronze.orders"}},
                            {"silver.z", {"silver.y", "bronze.orders", "silver.y"}}}));
  std::vector<std::string> names;
  for (const GraphTable& table : graph.tables) {
    names.push_back(table.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"bronze.orders", "silver.y", "silver.z", "gold.a"}));
  EXPECT_EQ(graph.tables[0].kind, TableKind::kSource);
  EXPECT_EQ(graph.tables[2].upstream, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(graph.tables[1].downstream, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(graph.find("gold.a"), 3U);
  EXPECT_EQ(graph.find("gold.b"), std::nullopt);
}

TEST(BuildGraph, NamesAnUnknownTableAndTheNearest) {
  EXPECT_EQ(complaint(Built(Models{{"silver.a", {"bronze.order"}}})),
            "models/silver.a.sql:1:8: unknown table 'bronze.order'\n"
            "  SELECT *\n"
            "         ^\n"
            "  hint: did you mean 'bronze.orders'?\n");
}

TEST(BuildGraph, PrintsEachCycleOnceWithItsFiles) {
  const std::string said = complaint(Built(Models{{"silver.a", {"silver.c"}},
                                                  {"silver.b", {"silver.a"}},
                                                  {"silver.c", {"silver.b"}},
                                                  {"silver.d", {"silver.c"}},
                                                  {"silver.self", {"silver.self"}}}));
  EXPECT_EQ(said,
            "models/silver.a.sql:1:1: tables depend on each other: "
            "silver.a -> silver.b -> silver.c -> silver.a\n"
            "  hint: the files are models/silver.a.sql, models/silver.b.sql, models/silver.c.sql\n"
            "models/silver.self.sql:1:1: tables depend on each other: silver.self -> silver.self\n"
            "  hint: the files are models/silver.self.sql\n");
}

TEST(BuildGraph, RefusesATableThatIsMadeTwice) {
  Built built(Models{{"silver.a", {}}});
  Source again = built.project.sources[0];
  again.file = "sources/again.yaml";
  built.project.sources.push_back(again);
  EXPECT_NE(complaint(built).find("sources/again.yaml:1:1: table 'bronze.orders' is made twice"),
            std::string::npos);
}

TEST(BuildGraph, TakesAThousandModelsInARow) {
  std::map<std::string, std::vector<std::string>> chain;
  for (int i = 0; i < 1000; ++i) {
    chain["silver.m" + std::to_string(i)] = {i == 0 ? "bronze.orders"
                                                    : "silver.m" + std::to_string(i - 1)};
  }
  EXPECT_EQ(graph_of(Built(chain)).tables.back().name, "silver.m999");
}

}  // namespace
}  // namespace sluice::project
