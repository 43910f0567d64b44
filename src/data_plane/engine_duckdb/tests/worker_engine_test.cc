#include "sluice/engine_duckdb/worker_engine.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sluice/engine_duckdb/tests/scratch_dir.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::engine_duckdb {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

/// Drives the real `sluice-worker`.
class WorkerEngineTest : public testing::Test {
 protected:
  static worker::PoolOptions options() {
    worker::PoolOptions options;
    options.program = SLUICE_WORKER_PROGRAM;
    options.workers_max = 2;
    return options;
  }

  job::Request stage(std::string sql) {
    job::StageJob stage;
    stage.sql = std::move(sql);
    stage.output.schema.fields = {{1, "i", data::Type{data::TypeKind::kLong}, false, ""}};
    stage.output.dir = dir_.path() + "/data";
    stage.output.file_prefix = "attempt1";
    return {std::move(stage), limits()};
  }

  job::Limits limits() {
    job::Limits limits;
    limits.memory_bytes = std::int64_t{512} << 20;
    return limits;
  }

  std::vector<std::string> files_below(const std::string& dir) {
    std::vector<std::string> names;
    if (std::filesystem::exists(dir)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
        if (entry.is_regular_file()) {
          names.push_back(entry.path().filename().string());
        }
      }
    }
    return names;
  }

  base::Result<job::Response> execute(const job::Request& request, std::stop_token stop = {}) {
    return engine_.execute(
        request,
        [this](data::Batch batch) -> base::Status {
          rows_ += batch.rows();
          return {};
        },
        std::move(stop));
  }

  ScratchDir dir_;
  std::unique_ptr<storage::FileIo> files_ = storage::make_local_file_io();
  worker::Pool pool_{options()};
  WorkerEngine engine_{pool_, *files_};
  std::size_t rows_ = 0;
};

// Enough rows for files to be under way when the test strikes.
constexpr const char* kManyRows = "SELECT hash(range) % 1000000007 AS i FROM range(400000000)";

TEST_F(WorkerEngineTest, RunsAQueryAndStreamsItsRows) {
  const auto response =
      execute({job::QueryJob{{}, {}, "SELECT range AS i FROM range(10000)", 0}, limits()});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(rows_, 10'000U);
  EXPECT_EQ(std::get<job::QueryResult>(response->answer).rows, 10'000);
}

TEST_F(WorkerEngineTest, StagesFiles) {
  const auto response = execute(stage("SELECT range AS i FROM range(1000)"));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(std::get<job::StageResult>(response->answer).rows, 1000);
  EXPECT_EQ(files_below(dir_.path() + "/data").size(), 1U);
}

TEST_F(WorkerEngineTest, SaysThatSqlIsWrong) {
  const auto response =
      execute({job::QueryJob{{}, {}, "SELECT nothing FROM nowhere", 0}, limits()});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kInvalidInput);
}

TEST_F(WorkerEngineTest, RemovesWhatAKilledWorkerStagedAndNothingElse) {
  const std::string data = dir_.path() + "/data";
  std::filesystem::create_directories(data);
  std::ofstream(data + "/attempt0-other.parquet") << "another attempt's";
  std::jthread killer([&] {
    while (files_below(data).size() < 2) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    ::kill(pool_.workers().at(0).pid, SIGKILL);
  });
  const auto response = execute(stage(kManyRows));
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kUnavailable) << response.error().message;
  EXPECT_EQ(files_below(data), std::vector<std::string>{"attempt0-other.parquet"});
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(data), {}), 1);
  EXPECT_TRUE(execute(stage("SELECT range AS i FROM range(10)")).ok());
}

TEST_F(WorkerEngineTest, CancelsWithinASecondAndRemovesWhatWasStaged) {
  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  std::jthread stopper([&] {
    while (files_below(dir_.path()).empty()) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    asked = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  const auto response = execute(stage(kManyRows), stop.get_token());
  const auto took = std::chrono::steady_clock::now() - asked;
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kCancelled) << response.error().message;
  EXPECT_LT(took, milliseconds(20'000)) << "one second on an idle machine";
  EXPECT_TRUE(files_below(dir_.path()).empty());
}

TEST_F(WorkerEngineTest, AQueryOverItsGrantIsExhaustedAndTheFrontLives) {
  job::Request request{
      job::QueryJob{{},
                    {},
                    "SELECT count(*) FROM (SELECT hash(range)::VARCHAR AS k, count(*) FROM "
                    "range(30000000) GROUP BY k)",
                    0},
      limits()};
  request.limits.memory_bytes = std::int64_t{96} << 20;
  const auto response = execute(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kExhausted) << response.error().message;
  EXPECT_TRUE(execute({job::QueryJob{{}, {}, "SELECT 1 AS one", 0}, limits()}).ok());
}

TEST_F(WorkerEngineTest, RunsAJobThatUsesItsWholeGrant) {
  job::Request request{
      job::QueryJob{{},
                    {},
                    "SELECT max(k), count(*) FROM (SELECT hash(range) AS k FROM range(20000000) "
                    "ORDER BY k) WHERE k > 5",
                    0},
      limits()};
  request.limits.threads = 2;
  request.limits.spill_dir = dir_.path() + "/spill";
  request.limits.memory_bytes = std::int64_t{256} << 20;
  const auto response = execute(request);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_LE(response->usage.memory_peak_bytes, request.limits.memory_bytes * 13 / 10);
}

TEST_F(WorkerEngineTest, RefusesAnOutputWithoutAPrefix) {
  job::Request request = stage("SELECT 1 AS i");
  std::get<job::StageJob>(request.job).output.file_prefix = "";
  EXPECT_EQ(execute(request).error().kind, ErrorKind::kInternal);
}

}  // namespace
}  // namespace sluice::engine_duckdb
