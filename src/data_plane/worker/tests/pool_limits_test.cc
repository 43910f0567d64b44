// Time and memory: what a job may use, and what it is said to have used.

#include <gtest/gtest.h>

#include <thread>

#include "sluice/worker/tests/pool_fixture.h"
#include "sluice/worker/tests/sanitizer.h"

namespace sluice::worker {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

void expect_cancelled_in_time(const char* text) {
  Pool pool(test_options());
  std::stop_source stop;
  Clock::time_point asked;
  std::jthread stopper([&] {
    eventually([&] { return pool.workers().size() == 1; });
    std::this_thread::sleep_for(milliseconds(100));
    asked = Clock::now();
    stop.request_stop();
  });
  const Answer answer = ask(pool, command(text), stop.get_token());
  EXPECT_EQ(kind_of(answer), ErrorKind::kCancelled);
  EXPECT_LT(since(asked), milliseconds(20'000));
  EXPECT_TRUE(pool.workers().empty());
}

TEST(PoolLimits, CancelFreesAJobThatListens) { expect_cancelled_in_time("sleep 60000"); }
TEST(PoolLimits, CancelFreesAJobThatDoesNotListen) { expect_cancelled_in_time("deaf"); }
TEST(PoolLimits, CancelFreesAJobThatStreams) { expect_cancelled_in_time("emit 100000000"); }

TEST(PoolLimits, CancelBeforeTheStartRunsNothing) {
  Pool pool(test_options());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(kind_of(ask(pool, command("echo x"), stop.get_token())), ErrorKind::kCancelled);
  EXPECT_TRUE(pool.workers().empty());
}

TEST(PoolLimits, EndsAJobAtItsTimeout) {
  Pool pool(test_options());
  job::Request request = command("sleep 60000");
  request.limits.timeout_ms = 100;
  const auto start = Clock::now();
  EXPECT_EQ(kind_of(ask(pool, request)), ErrorKind::kTimeout);
  EXPECT_LT(since(start), milliseconds(20'000));
}

TEST(PoolLimits, AllocatingOverTheGrantIsExhaustedInsideTheWorker) {
  Pool pool(test_options());
  const Answer answer = ask(pool, command("eat 2000", 64));
  EXPECT_EQ(kind_of(answer), ErrorKind::kExhausted);
  EXPECT_NE(answer.response.error().message.find("grant"), std::string::npos);
  EXPECT_TRUE(ask(pool, command("echo alive")).response.ok());
}

TEST(PoolLimits, AWorkerThatEscapesItsDataLimitIsKilledAsExhausted) {
  PoolOptions options = test_options();
  options.sample_every = milliseconds(20);
  Pool pool(options);
  const Answer answer = ask(pool, command("gorge 2000", 64));
  EXPECT_EQ(kind_of(answer), ErrorKind::kExhausted);
  const std::string& message = answer.response.error().message;
  EXPECT_NE(message.find("SIGKILL"), std::string::npos) << message;
  EXPECT_NE(message.find("64.0 MiB"), std::string::npos) << message;
  EXPECT_TRUE(ask(pool, command("echo alive")).response.ok());
}

TEST(PoolLimits, ReportsThePeakOfEachJobOfAWarmWorker) {
  SLUICE_SKIP_UNDER_ADDRESS_SANITIZER();
  Pool pool(test_options());
  const auto peak_mib = [&](const char* text) {
    const Answer answer = ask(pool, command(text, 512));
    EXPECT_TRUE(answer.response.ok());
    return static_cast<double>(answer.response->usage.memory_peak_bytes) / (1 << 20);
  };
  EXPECT_NEAR(peak_mib("eat 200"), 200, 10);
  EXPECT_NEAR(peak_mib("eat 40"), 40, 4);
  EXPECT_LT(peak_mib("echo x"), 4);
  EXPECT_EQ(pool.workers().size(), 1U);
}

TEST(PoolLimits, ReportsTheCpuTimeThatTheKernelCounted) {
  Pool pool(test_options());
  const Answer answer = ask(pool, command("burn 300"));
  ASSERT_TRUE(answer.response.ok());
  const double counted = std::stod(answer.rows.at(0));
  EXPECT_NEAR(static_cast<double>(answer.response->usage.cpu_us), counted, 0.05 * counted);
  EXPECT_GE(answer.response->usage.wall_us, answer.response->usage.cpu_us * 9 / 10);
}

}  // namespace
}  // namespace sluice::worker
