#include "sluice/project/load.h"

#include "sluice/project/tests/folder_fixture.h"

namespace sluice::project {
namespace {

class LoadProject : public FolderTest {
 protected:
  LoadProject() {
    env_["DATA"] = "/data";
    write("sluice.yaml", kSettings);
    write("sources/orders.yaml", kOrdersSource);
    write("contracts/orders.odcs.yaml", kOrdersContract);
    write("models/gold/daily.sql", "SELECT 1 AS id\n");
  }
};

TEST_F(LoadProject, ReadsSettingsSourcesContractsAndModels) {
  const Project project = load();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(project.name, "shop");
  EXPECT_EQ(project.default_target, "dev");
  EXPECT_EQ(project.find_target("dev")->warehouse, (root_ / "warehouse").string());
  ASSERT_NE(project.find_source("bronze.orders"), nullptr);
  EXPECT_EQ(project.find_source("bronze.orders")->paths.front(), "/data/orders/*.csv");
  EXPECT_EQ(project.find_source("bronze.orders")->contract, 0U);
  EXPECT_EQ(project.find_source("bronze.orders")->file, "sources/orders.yaml");
  ASSERT_NE(project.find_model("gold.daily"), nullptr);
  EXPECT_EQ(project.find_model("gold.daily")->sql(), "SELECT 1 AS id");
}

TEST_F(LoadProject, NeedsASettingsFile) {
  std::filesystem::remove(root_ / "sluice.yaml");
  yaml::Diagnostics diagnostics;
  const auto project = load_project({root_, "", {}}, diagnostics);
  ASSERT_FALSE(project.ok());
  EXPECT_EQ(project.error().kind, base::ErrorKind::kNotFound);
}

TEST_F(LoadProject, KnowsOnlyDeclaredTargets) {
  yaml::Diagnostics diagnostics;
  const auto project = load_project({root_, "prod", {}}, diagnostics);
  ASSERT_FALSE(project.ok());
  EXPECT_EQ(project.error().kind, base::ErrorKind::kNotFound);
}

TEST_F(LoadProject, ReportsEveryFileOrderedByFileAndLine) {
  write("sources/orders.yaml", "source: bronze.orders\ntipe: files\n");
  write("contracts/orders.odcs.yaml", "apiVersion: v3.2.0\n");
  write("models/gold/daily.sql", "/*---\nrefesh: auto\n---*/\nSELECT 1\n");
  load();
  EXPECT_TRUE(says("sources/orders.yaml:2:1: unknown key 'tipe' in a source")) << said_;
  EXPECT_TRUE(says("hint: did you mean 'type'?"));
  EXPECT_TRUE(says("models/gold/daily.sql:2:1: unknown key 'refesh'"));
  EXPECT_LT(said_.find("contracts/"), said_.find("models/"));
  EXPECT_LT(said_.find("models/gold"), said_.find("sources/"));
}

TEST_F(LoadProject, PointsAtTheVariableThatIsNotSet) {
  env_.clear();
  load();
  EXPECT_TRUE(says("sources/orders.yaml:3:7: the variable DATA is not set")) << said_;
  EXPECT_EQ(count_, 1U);
}

TEST_F(LoadProject, FindsTheContractOfASourceOrTheNearest) {
  write("sources/orders.yaml", std::string(kOrdersSource) + "description: x\n");
  write("sources/more.yaml",
        "source: bronze.more\ntype: files\npath: a.csv\ncontract: contracts/order.odcs.yaml\n");
  load();
  EXPECT_TRUE(says("sources/more.yaml:4:11: contract 'contracts/order.odcs.yaml' does not exist"))
      << said_;
  EXPECT_TRUE(says("did you mean 'contracts/orders.odcs.yaml'?"));
}

TEST_F(LoadProject, GivesAModelItsExpectationsByFileNameOrByTable) {
  std::string contract = kOrdersContract;
  write("contracts/gold.daily.odcs.yaml", contract);
  EXPECT_EQ(load().find_model("gold.daily")->expectations, 0U);
  EXPECT_EQ(said_, "");
  std::filesystem::remove(root_ / "contracts/gold.daily.odcs.yaml");
  contract.replace(contract.find("- name: orders"), 14, "- name: gold.daily");
  write("contracts/a.odcs.yaml", contract);
  EXPECT_EQ(load().find_model("gold.daily")->expectations, 0U);
  EXPECT_EQ(said_, "");
  write("contracts/b.odcs.yaml", contract);
  load();
  EXPECT_TRUE(says("table 'gold.daily' has a second contract")) << said_;
}

TEST_F(LoadProject, RefusesAContractThatHoldsNobodyToAnything) {
  std::string contract = kOrdersContract;
  contract.replace(contract.find("- name: orders"), 14, "- name: gold.dayly");
  write("contracts/daily.odcs.yaml", contract);
  load();
  EXPECT_TRUE(says("no source names this contract, and no model makes the table 'gold.dayly'"))
      << said_;
  EXPECT_TRUE(says("did you mean 'gold.daily'?"));
}

TEST_F(LoadProject, ChecksPartitionColumnsOfASource) {
  write("sources/orders.yaml",
        std::string(kOrdersSource) + "partition_by: [day(ts), 'bucket(4, idd)']\n");
  load();
  EXPECT_TRUE(says("sources/orders.yaml:5:25: partition_by 'bucket(4, idd)' names no column"))
      << said_;
  EXPECT_TRUE(says("did you mean 'id'?"));
  EXPECT_EQ(count_, 1U);
}

TEST_F(LoadProject, PassesNoFileOverInSilence) {
  write("sources/other.yml", "source: bronze.other\n");
  write("contracts/other.yaml", "id: x\n");
  write("seeds/countries.tsv", "a\n");
  write("sources/.orders.yaml.swp", "scratch of an editor");
  load();
  EXPECT_TRUE(says("sources/other.yml:1:1: the name of a file in sources/ must end in .yaml"));
  EXPECT_TRUE(says("contracts/other.yaml:1:1: the name of a file in contracts/ must end in .odcs"));
  EXPECT_TRUE(says("seeds/countries.tsv:1:1: seeds are .csv files"));
  EXPECT_EQ(count_, 3U) << said_;
}

TEST_F(LoadProject, NamesAFileThatCannotBeRead) {
  std::filesystem::create_symlink("nowhere", root_ / "sources/broken.yaml");
  load();
  EXPECT_TRUE(says("sources/broken.yaml:1:1: cannot read")) << said_;
}

TEST_F(LoadProject, ReadsAThousandModelsQuickly) {
  for (int i = 0; i < 1000; ++i) {
    write("models/silver/m" + std::to_string(i) + ".sql",
          "/*---\ndescription: one of many\ntarget_lag: 5m\nkey: [id]\npartition_by: [id]\n"
          "priority: high\n---*/\nSELECT id FROM gold.daily\n");
  }
  const Project project = load();
  EXPECT_EQ(project.models.size(), 1001U);
}

}  // namespace
}  // namespace sluice::project
