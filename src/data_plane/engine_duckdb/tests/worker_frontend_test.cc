#include "sluice/engine_duckdb/worker_frontend.h"

#include <gtest/gtest.h>

#include "sluice/engine_duckdb/tests/scratch_dir.h"
#include "sluice/engine_duckdb/worker_engine.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::engine_duckdb {
namespace {

/// The real engine, watched.
class WatchedEngine final : public engine::Engine {
 public:
  explicit WatchedEngine(engine::Engine& engine) : engine_(engine) {}

  base::Result<job::Response> execute(const job::Request& request, const engine::BatchSink& sink,
                                      std::stop_token stop) override {
    requests.push_back(request);
    return engine_.execute(request, sink, std::move(stop));
  }

  std::vector<job::Request> requests;

 private:
  engine::Engine& engine_;
};

class WorkerFrontendTest : public testing::Test {
 protected:
  static worker::PoolOptions pool_options() {
    worker::PoolOptions options;
    options.program = SLUICE_WORKER_PROGRAM;
    return options;
  }

  WorkerFrontend open(std::string version = "duckdb 1.5.5") {
    FrontendOptions options;
    options.cache_dir = dir_.path() + "/cache";
    options.engine_version = std::move(version);
    return WorkerFrontend(engine_, *files_, options);
  }

  std::vector<sql::DescribedStatement> describe(const std::vector<sql::TableShape>& tables,
                                                const std::vector<sql::DescribeRequest>& asked) {
    WorkerFrontend frontend = open();
    auto described = frontend.describe(tables, asked);
    EXPECT_TRUE(described.ok()) << (described.ok() ? "" : described.error().message);
    return described.ok() ? std::move(described).value() : std::vector<sql::DescribedStatement>();
  }

  /// The statements that the last call sent to a worker; empties the watch.
  std::vector<std::string> described_again() {
    std::vector<std::string> names;
    for (const job::Request& request : engine_.requests) {
      for (const auto& statement : std::get<job::DescribeJob>(request.job).statements) {
        names.push_back(statement.name);
      }
    }
    engine_.requests.clear();
    return names;
  }

  ScratchDir dir_;
  std::unique_ptr<storage::FileIo> files_ = storage::make_local_file_io();
  worker::Pool pool_{pool_options()};
  WorkerEngine worker_engine_{pool_, *files_};
  WatchedEngine engine_{worker_engine_};
};

const std::vector<sql::TableShape> kTables = {
    {"bronze.flights", {{"carrier", "VARCHAR"}, {"distance", "INTEGER"}}},
    {"bronze.planes", {{"tailnum", "VARCHAR"}}}};
const std::vector<sql::DescribeRequest> kStatements = {
    {"silver.legs", "SELECT carrier, sum(distance) AS miles FROM bronze.flights GROUP BY carrier"},
    {"silver.fleet", "SELECT tailnum FROM bronze.planes"},
    {"gold.top", "SELECT carrier, miles FROM silver.legs"}};

using Names = std::vector<std::string>;

TEST_F(WorkerFrontendTest, ParsesInTheOrderAsked) {
  WorkerFrontend frontend = open();
  const std::vector<std::string> texts = {"SELECT 1", "SELEC 2", "SELECT a FROM b"};
  const auto parsed = frontend.parse(texts);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 3U);
  EXPECT_FALSE(parsed->at(0).tree.empty());
  EXPECT_TRUE(parsed->at(1).tree.empty());
  EXPECT_FALSE(parsed->at(1).error.empty());
  EXPECT_NE(parsed->at(2).tree.find("BASE_TABLE"), std::string::npos);
}

TEST_F(WorkerFrontendTest, StartsNoWorkerForTextsThatItKnows) {
  const std::vector<std::string> texts = {"SELECT 1", "SELEC 2"};
  const auto first = open().parse(texts);
  ASSERT_TRUE(first.ok());
  engine_.requests.clear();
  const auto again = open().parse(texts);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(engine_.requests.empty());
  EXPECT_EQ(again->at(0).tree, first->at(0).tree);
  EXPECT_EQ(again->at(1).error, first->at(1).error);
  EXPECT_EQ(again->at(1).error_offset, first->at(1).error_offset);
}

TEST_F(WorkerFrontendTest, ParsesOnlyWhatIsNew) {
  ASSERT_TRUE(open().parse(std::vector<std::string>{"SELECT 1"}).ok());
  engine_.requests.clear();
  const auto parsed = open().parse(std::vector<std::string>{"SELECT 2", "SELECT 1"});
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(engine_.requests.size(), 1U);
  EXPECT_EQ(std::get<job::ParseJob>(engine_.requests[0].job).sql, Names{"SELECT 2"});
  EXPECT_NE(parsed->at(0).tree, parsed->at(1).tree);
}

TEST_F(WorkerFrontendTest, AsksAgainUnderAnotherVersion) {
  ASSERT_TRUE(open().parse(std::vector<std::string>{"SELECT 1"}).ok());
  engine_.requests.clear();
  ASSERT_TRUE(open("duckdb 9.9.9").parse(std::vector<std::string>{"SELECT 1"}).ok());
  EXPECT_EQ(engine_.requests.size(), 1U);
}

TEST_F(WorkerFrontendTest, DescribesAProjectUpstreamFirst) {
  const auto described = describe(kTables, kStatements);
  ASSERT_EQ(described.size(), 3U);
  ASSERT_EQ(described[0].columns.size(), 2U) << described[0].error;
  EXPECT_EQ(described[0].columns[1].type, "HUGEINT");
  ASSERT_EQ(described[2].columns.size(), 2U) << described[2].error;
  EXPECT_EQ(described[2].columns[1].type, "DECIMAL(38,0)");  // as the table holds it
}

TEST_F(WorkerFrontendTest, KnowsAProjectThatDidNotChange) {
  const auto first = describe(kTables, kStatements);
  described_again();
  const auto again = describe(kTables, kStatements);
  EXPECT_EQ(described_again(), Names{});
  for (std::size_t i = 0; i < first.size(); ++i) {
    ASSERT_EQ(again[i].columns.size(), first[i].columns.size());
    EXPECT_EQ(again[i].columns.back().type, first[i].columns.back().type);
  }
}

TEST_F(WorkerFrontendTest, DescribesAgainWhatReadsAChangedTable) {
  describe(kTables, kStatements);
  described_again();
  auto tables = kTables;
  tables[1].columns.push_back({"seats", "INTEGER"});
  describe(tables, kStatements);
  EXPECT_EQ(described_again(), Names{"silver.fleet"});
  tables[0].columns[1].type = "DOUBLE";
  const auto changed = describe(tables, kStatements);
  EXPECT_EQ(described_again(), (Names{"silver.legs", "gold.top"}));
  EXPECT_EQ(changed[2].columns[1].type, "DOUBLE");
}

TEST_F(WorkerFrontendTest, OffersAKnownUpstreamToAChangedStatement) {
  describe(kTables, kStatements);
  described_again();
  auto statements = kStatements;
  statements[2].sql = "SELECT max(miles) AS m FROM silver.legs";
  const auto changed = describe(kTables, statements);
  EXPECT_EQ(described_again(), Names{"gold.top"});
  ASSERT_EQ(changed[2].columns.size(), 1U) << changed[2].error;
  EXPECT_EQ(changed[2].columns[0].type, "DECIMAL(38,0)");
}

TEST_F(WorkerFrontendTest, DoesNotRememberAStatementThatDoesNotBind) {
  auto statements = kStatements;
  statements[1].sql = "SELECT tailnumber FROM bronze.planes";
  EXPECT_FALSE(describe(kTables, statements)[1].error.empty());
  described_again();
  describe(kTables, statements);
  EXPECT_EQ(described_again(), Names{"silver.fleet"});
}

TEST_F(WorkerFrontendTest, RebuildsADamagedCache) {
  describe(kTables, kStatements);
  described_again();
  ASSERT_TRUE(files_->write_atomic(dir_.path() + "/cache/described.cache", "garbage").ok());
  describe(kTables, kStatements);
  EXPECT_EQ(described_again().size(), 3U);
  describe(kTables, kStatements);
  EXPECT_EQ(described_again(), Names{});
}

TEST_F(WorkerFrontendTest, KnowsAThousandStatementsInATenthOfASecond) {
  std::vector<sql::DescribeRequest> statements;
  std::vector<std::string> texts;
  std::string upstream = "bronze.flights";
  for (int i = 0; i < 1000; ++i) {
    std::string text = "SELECT carrier, distance + " + std::to_string(i) + " AS distance FROM " +
                       upstream + " WHERE carrier IS NOT NULL AND distance BETWEEN 1 AND 5000";
    const std::string name = "silver.model_" + std::to_string(i);
    upstream = i % 10 == 0 ? name : upstream;
    texts.push_back(text);
    statements.push_back({name, std::move(text)});
  }
  ASSERT_TRUE(open().parse(texts).ok());
  ASSERT_TRUE(open().describe(kTables, statements).ok());
  engine_.requests.clear();
  WorkerFrontend frontend = open();
  ASSERT_TRUE(frontend.parse(texts).ok());
  ASSERT_TRUE(frontend.describe(kTables, statements).ok());
  EXPECT_TRUE(engine_.requests.empty());
}

}  // namespace
}  // namespace sluice::engine_duckdb
