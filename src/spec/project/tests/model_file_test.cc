#include "sluice/project/internal/model_file.h"

#include <gtest/gtest.h>

namespace sluice::project::internal {
namespace {

struct Read {
  Model model;
  std::string said;
};

Read read(const std::string& text, const std::string& file = "models/gold/daily.sql") {
  yaml::Diagnostics diagnostics;
  Model model = read_model(file, text, [](std::string_view) { return std::nullopt; }, diagnostics);
  return {std::move(model), diagnostics.to_text()};
}

TEST(ModelFile, IsNamedByItsPath) {
  EXPECT_EQ(read("SELECT 1").model.table, "gold.daily");
  EXPECT_NE(read("SELECT 1", "models/daily.sql").said.find("names no table"), std::string::npos);
  EXPECT_NE(read("SELECT 1", "models/a/b/c.sql").said.find("names no table"), std::string::npos);
  EXPECT_NE(read("SELECT 1", "models/gold/Daily.sql").said.find("names no table"),
            std::string::npos);
  for (const char* space : {"bronze", "quarantine", "sluice"}) {
    const std::string file = "models/" + std::string(space) + "/a.sql";
    EXPECT_NE(read("SELECT 1", file).said.find("is not for models"), std::string::npos);
  }
}

TEST(ModelFile, HasAHeaderAndASelect) {
  const Read got = read(
      "/*---\ndescription: Revenue\ntarget_lag: 5m\nrefresh: full\nkey: [day, country]\n"
      "partition_by: [\"day(ts)\"]\npriority: high\nengine: duckdb\ndepends_on: [silver.a]\n"
      "---*/\nSELECT 1 AS day;\n\n");
  EXPECT_EQ(got.said, "");
  EXPECT_EQ(got.model.description, "Revenue");
  EXPECT_EQ(got.model.target_lag_ms, 300'000);
  EXPECT_EQ(got.model.refresh, RefreshMode::kFull);
  ASSERT_EQ(got.model.key.size(), 2U);
  EXPECT_EQ(got.model.key[1].name, "country");
  EXPECT_EQ(got.model.key[1].mark, (yaml::Mark{5, 12}));
  EXPECT_EQ(got.model.partition_by[0].name, "day(ts)");
  EXPECT_EQ(got.model.priority, Priority::kHigh);
  EXPECT_EQ(got.model.depends_on[0].name, "silver.a");
  EXPECT_EQ(got.model.sql(), "SELECT 1 AS day");
}

TEST(ModelFile, KnowsThePlaceOfEachByteOfItsSelect) {
  const Read got = read("/*---\nkey: [a]\n---*/\nSELECT\n  a\nFROM b\n");
  EXPECT_EQ(got.model.place(0), (yaml::Mark{4, 1}));
  EXPECT_EQ(got.model.place(got.model.sql().find('a')), (yaml::Mark{5, 3}));
  EXPECT_EQ(read("  SELECT a").model.place(7), (yaml::Mark{1, 10}));
}

TEST(ModelFile, NeedsNoHeader) {
  EXPECT_EQ(read("-- a remark\nSELECT 1\n").said, "");
  EXPECT_EQ(read("/* a remark */ SELECT 1\n").said, "");
  EXPECT_EQ(read("/*---\n---*/ SELECT 1\n").model.sql(), "SELECT 1");
}

TEST(ModelFile, ReportsKeysAtTheirPlaceInTheFile) {
  const std::string said =
      read(
          "\n/*---\nkey: [a]\nrefesh: auto\ndeadline: 7am\nbudget: 1\nrefresh: "
          "incremental_strict\nengine: spark\n---*/\nSELECT 1\n")
          .said;
  EXPECT_NE(said.find("models/gold/daily.sql:4:1: unknown key 'refesh'"), std::string::npos)
      << said;
  EXPECT_NE(said.find("did you mean 'refresh'?"), std::string::npos);
  EXPECT_NE(said.find(":5:1: 'deadline' in the header of a model is not built yet"),
            std::string::npos);
  EXPECT_NE(said.find(":6:1: 'budget'"), std::string::npos);
  EXPECT_NE(said.find(":7:10: refresh 'incremental_strict' is not built yet"), std::string::npos);
  EXPECT_NE(said.find(":8:9: engine 'spark' is not built yet"), std::string::npos);
}

TEST(ModelFile, NamesAHeaderThatIsBroken) {
  EXPECT_NE(read("/*---\nkey: [a]\nSELECT 1\n").said.find(":1:1: the header does not end"),
            std::string::npos);
  EXPECT_NE(read("/*--- key: [a] ---*/ SELECT 1\n").said.find("on their own line"),
            std::string::npos);
  EXPECT_NE(read("/*---\n- a\n---*/ SELECT 1\n").said.find("the header must be a map"),
            std::string::npos);
}

TEST(ModelFile, EndsItsStatementBeforeSemicolonsAndComments) {
  for (const char* rest : {"", ";", " ;\n;\n", "; -- the end", "\n/* the; end */ ;\n-- more"}) {
    for (const char* sql : {"SELECT 1", "SELECT ';--'", "SELECT $$ -- $$", R"(SELECT E'\'; --')"}) {
      EXPECT_EQ(read(sql + std::string(rest)).model.sql(), sql) << rest;
    }
  }
  EXPECT_EQ(read("SELECT 1; SELECT 2;").model.sql(), "SELECT 1; SELECT 2");
}

TEST(ModelFile, NeedsASelect) {
  for (const char* text : {"", "\n\n", "/*---\nkey: [a]\n---*/\n", ";\n", "-- nothing\n"}) {
    EXPECT_NE(read(text).said.find("the file has no SELECT"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace sluice::project::internal
