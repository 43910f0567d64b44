#include "sluice/project/internal/settings_file.h"

#include "sluice/project/tests/folder_fixture.h"

namespace sluice::project {
namespace {

class SettingsFile : public FolderTest {};

TEST_F(SettingsFile, ReadsEverySetting) {
  write("sluice.yaml",
        "project: shop\n"
        "targets:\n"
        "  dev: { warehouse: /w/dev/, metastore: sqlite }\n"
        "  test: { warehouse: 'file:///w/test' }\n"
        "default_target: test\n"
        "engines: { default: duckdb }\n"
        "timezone: UTC\n"
        "resources: { threads: 3, memory: 4GiB, query_memory: 256MiB }\n"
        "optimizer:\n"
        "  mode: shadow\n"
        "  levers:\n"
        "    compression: { force: snappy }\n"
        "    file_size: { mode: off }\n");
  const Project project = load();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(project.default_target, "test");
  EXPECT_EQ(project.find_target("dev")->warehouse, "/w/dev");
  EXPECT_EQ(project.find_target("test")->warehouse, "/w/test");
  EXPECT_EQ(project.resources.threads, 3);
  EXPECT_EQ(project.resources.memory_bytes, std::int64_t{4} << 30);
  EXPECT_EQ(project.resources.query_memory_bytes, std::int64_t{256} << 20);
  EXPECT_EQ(project.optimizer.mode, OptimizerMode::kShadow);
  EXPECT_EQ(project.optimizer.find("compression")->force, "snappy");
  EXPECT_EQ(project.optimizer.find("file_size")->mode, OptimizerMode::kOff);
  EXPECT_EQ(project.optimizer.find("stage_resources"), nullptr);
}

TEST_F(SettingsFile, NeedsVariablesOfTheTargetInUseOnly) {
  write("sluice.yaml",
        "project: shop\ntargets:\n  dev: { warehouse: ./w }\n"
        "  prod: { warehouse: 's3://lake/shop', metastore: '${METASTORE_URL}' }\n");
  load();
  EXPECT_EQ(said_, "");
  load("prod");
  EXPECT_TRUE(says("sluice.yaml:4:22: warehouse 's3://lake/shop' is not built yet")) << said_;
  EXPECT_TRUE(says("the variable METASTORE_URL is not set"));
}

TEST_F(SettingsFile, RefusesWhatIsNotBuiltByName) {
  write("sluice.yaml",
        "project: shop\ntargets: {dev: {warehouse: w, metastore: postgres}}\n"
        "engines: {default: spark}\ntimezone: Europe/Berlin\noptimizer: {mode: canary}\n");
  load();
  EXPECT_TRUE(says("the default engine 'spark' is not built yet")) << said_;
  EXPECT_TRUE(says("timezone 'Europe/Berlin' is not built yet"));
  EXPECT_TRUE(says("mode 'canary' is not built yet"));
  EXPECT_TRUE(says("metastore must be one of sqlite, not 'postgres'"));
}

TEST_F(SettingsFile, NamesWhatIsWrong) {
  write("sluice.yaml",
        "project: shop\ntargets: {dev: {warehous: w}, 'Bad Name': {warehouse: w}}\n"
        "default_target: deb\nresources: {threads: 0, memory: 5}\n"
        "optimizer: {levers: {compresion: {force: x}}}\n");
  load();
  EXPECT_TRUE(says("unknown key 'warehous' in target 'dev'")) << said_;
  EXPECT_TRUE(says("target 'dev' lacks 'warehouse'"));
  EXPECT_TRUE(says("'Bad Name' cannot name a target"));
  EXPECT_TRUE(says("default_target 'deb' is not declared"));
  EXPECT_TRUE(says("threads must be a whole number from 1 to 1024, not '0'"));
  EXPECT_TRUE(says("memory must be a size, not '5'"));
  EXPECT_TRUE(says("did you mean 'compression'?"));
}

TEST_F(SettingsFile, NeedsAProjectAndATarget) {
  write("sluice.yaml", "{}\n");
  load();
  EXPECT_TRUE(says("sluice.yaml lacks 'project'"));
  EXPECT_TRUE(says("sluice.yaml lacks 'targets'"));
  write("sluice.yaml", "");
  load();
  EXPECT_TRUE(says("sluice.yaml must be a map of keys and values, not nothing")) << said_;
}

}  // namespace
}  // namespace sluice::project
