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

TEST_F(SettingsFile, ATargetMayReadAnothersTables) {
  env_["PROD_LAKE"] = (root_ / "lake").string();
  write("sluice.yaml",
        "project: shop\ntargets:\n  prod: { warehouse: '${PROD_LAKE}' }\n"
        "  dev: { warehouse: ./dev, from: prod }\n");
  const Project project = load("dev");
  EXPECT_EQ(said_, "");
  EXPECT_EQ(project.find_target("dev")->from, "prod");
  EXPECT_EQ(project.find_target("prod")->from, "");
  EXPECT_EQ(project.find_target("prod")->warehouse, env_["PROD_LAKE"]);
}

TEST_F(SettingsFile, RefusesALenderWhoseTablesCouldBeWritten) {
  write("sluice.yaml",
        "project: shop\ntargets:\n  prod: { warehouse: ./lake }\n"
        "  inside: { warehouse: ./lake/dev, from: prod }\n"
        "  around: { warehouse: ., from: prod }\n"
        "  linked: { warehouse: ./link, from: prod }\n"
        "  beside: { warehouse: ./lake2, from: prod }\n");
  std::filesystem::create_directory(root_ / "lake");
  std::filesystem::create_directory_symlink(root_ / "lake", root_ / "link");
  load("inside");
  EXPECT_TRUE(says("sluice.yaml:4:24: the warehouse of target 'inside' must not be")) << said_;
  load("around");
  EXPECT_TRUE(says("hold or lie in that of 'prod'")) << said_;
  load("linked");
  EXPECT_TRUE(says("hold or lie in that of 'prod'")) << said_;
  load("beside");
  EXPECT_EQ(said_, "");
}

TEST_F(SettingsFile, RefusesALenderThatIsNone) {
  write("sluice.yaml",
        "project: shop\ntargets:\n  prod: { warehouse: ./lake }\n"
        "  dev: { warehouse: ./dev, from: prod }\n"
        "  test: { warehouse: ./test, from: dev }\n"
        "  self: { warehouse: ./self, from: self }\n"
        "  typo: { warehouse: ./typo, from: prid }\n");
  load("test");
  EXPECT_TRUE(says("sluice.yaml:5:36: target 'dev' reads the tables of 'prod' itself")) << said_;
  load("self");
  EXPECT_TRUE(says("target 'self' cannot read the tables of itself")) << said_;
  load("typo");
  EXPECT_TRUE(says("target 'prid' is not declared")) << said_;
  EXPECT_TRUE(says("did you mean 'prod'?")) << said_;
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

TEST_F(SettingsFile, ReadsAlertChannels) {
  write("sluice.yaml",
        "project: shop\ntargets: {dev: {warehouse: w}}\nalerts:\n"
        "  link: https://ops.example/sluice\n  quarantine_rate: 2.5%\n  channels:\n"
        "    - { name: hook, type: webhook, url: 'http://127.0.0.1:1/x', secret: s, timeout: 2s }\n"
        "    - { name: team, type: email, smtp: 'smtp://mail:25', from: a@b, to: [c@d, e@f],\n"
        "        on: [failure, staleness], starttls: true }\n");
  const Project project = load();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(project.alerts.link, "https://ops.example/sluice");
  EXPECT_DOUBLE_EQ(project.alerts.quarantine_rate, 0.025);
  ASSERT_EQ(project.alerts.channels.size(), 2u);
  EXPECT_EQ(project.alerts.channels[0].timeout_ms, 2000);
  EXPECT_TRUE(project.alerts.channels[0].takes(AlertKind::kContractBreak));
  EXPECT_EQ(project.alerts.channels[1].to.size(), 2u);
  EXPECT_TRUE(project.alerts.channels[1].takes(AlertKind::kStaleness));
  EXPECT_FALSE(project.alerts.channels[1].takes(AlertKind::kContractBreak));
}

TEST_F(SettingsFile, NamesWhatIsWrongWithAlerts) {
  write("sluice.yaml",
        "project: shop\ntargets: {dev: {warehouse: w}}\nalerts:\n"
        "  quarantine_rate: 5\n  channel: []\n  channels:\n"
        "    - { name: a, type: webhook, url: 'ftp://x', urls: 1, on: [failures] }\n"
        "    - { name: a, type: email, smtp: 'smtp://m', from: nobody, to: ['x y@z'] }\n"
        "    - { name: b, type: slack }\n    - { name: c, type: email }\n");
  load();
  EXPECT_TRUE(says("quarantine_rate must be a share from 0% to 100%, not '5'")) << said_;
  EXPECT_TRUE(says("did you mean 'channels'?"));
  EXPECT_TRUE(says("url must begin with http:// or https://"));
  EXPECT_TRUE(says("unknown key 'urls' in alert channel 'a'"));
  EXPECT_TRUE(says("there is no alert on 'failures'"));
  EXPECT_TRUE(says("alert channel 'a' is declared twice"));
  EXPECT_TRUE(says("'nobody' is no e-mail address"));
  EXPECT_TRUE(says("'x y@z' is no e-mail address"));
  EXPECT_TRUE(says("type 'slack' is not built yet"));
  EXPECT_TRUE(says("alert channel 'c' lacks 'smtp'"));
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
