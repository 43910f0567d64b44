#include "sluice/worker/pool.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "sluice/worker/tests/pool_fixture.h"
#include "sluice/worker/tests/sanitizer.h"
#include "sluice/worker/unique_fd.h"

namespace sluice::worker {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

TEST(Pool, RunsAJobAndReturnsItsRows) {
  Pool pool(test_options());
  const Answer answer = ask(pool, command("echo hello"));
  ASSERT_TRUE(answer.response.ok()) << answer.response.error().message;
  EXPECT_EQ(answer.rows, std::vector<std::string>{"hello"});
  EXPECT_EQ(std::get<job::QueryResult>(answer.response->answer).rows, 1);
  EXPECT_FALSE(answer.response->usage.warm);
}

TEST(Pool, KeepsAWorkerWarm) {
  Pool pool(test_options());
  ASSERT_TRUE(ask(pool, command("echo a")).response.ok());
  const pid_t first = pool.workers().at(0).pid;
  const Answer second = ask(pool, command("echo b"));
  ASSERT_TRUE(second.response.ok());
  EXPECT_TRUE(second.response->usage.warm);
  ASSERT_EQ(pool.workers().size(), 1U);
  EXPECT_EQ(pool.workers()[0].pid, first);
  EXPECT_EQ(pool.workers()[0].state, SlotState::kIdle);
}

TEST(Pool, ReplacesAWorkerAfterEnoughJobs) {
  PoolOptions options = test_options();
  options.jobs_per_worker = 2;
  Pool pool(options);
  ASSERT_TRUE(ask(pool, command("echo a")).response.ok());
  EXPECT_EQ(pool.workers().size(), 1U);
  ASSERT_TRUE(ask(pool, command("echo b")).response.ok());
  EXPECT_TRUE(pool.workers().empty());
  EXPECT_FALSE(ask(pool, command("echo c")).response->usage.warm);
}

TEST(Pool, PassesAJobsErrorOnAndReplacesTheWorker) {
  Pool pool(test_options());
  const Answer answer = ask(pool, command("fail"));
  EXPECT_EQ(kind_of(answer), ErrorKind::kInvalidInput);
  EXPECT_EQ(answer.response.error().message, "no such table");
  EXPECT_TRUE(pool.workers().empty());
  EXPECT_EQ(kind_of(ask(pool, command("throw"))), ErrorKind::kInternal);
}

TEST(Pool, PassesDescriptorsToTheJob) {
  Pool pool(test_options());
  std::string path = "/tmp/sluice_pool_XXXXXX";
  const UniqueFd file(::mkstemp(path.data()));
  ASSERT_EQ(::write(file.get(), "from the front", 14), 14);
  ::unlink(path.c_str());
  const std::array fds = {file.get()};
  const Answer answer = ask(pool, command("read_passed"), {}, fds);
  EXPECT_EQ(answer.rows, std::vector<std::string>{"from the front"});
  EXPECT_TRUE(ask(pool, command("read_passed")).rows.empty());
}

TEST(Pool, GivesAWorkerAPinnedEnvironmentAndNothingElse) {
  ::setenv("TZ", "Asia/Tokyo", 1);
  Pool pool(test_options());
  EXPECT_EQ(ask(pool, command("environment")).rows, (std::vector<std::string>{"UTC", "no PATH"}));
  ::unsetenv("TZ");
  const std::string process = "/proc/" + std::to_string(pool.workers().at(0).pid);
  EXPECT_EQ(slurp(process + "/oom_score_adj"), "500\n");
  const auto open_files = [&] {
    return std::distance(std::filesystem::directory_iterator(process + "/fd"),
                         std::filesystem::directory_iterator());
  };
  // stdin, stdout, stderr and the socket, once the worker has put the last job away
  EXPECT_TRUE(eventually([&] { return open_files() == 4; })) << open_files();
}

TEST(Pool, WaitsForAPlaceWhenAllAreTaken) {
  Pool pool(test_options());
  std::atomic<int> done = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { done += ask(pool, command("sleep 30")).response.ok() ? 1 : 0; });
  }
  callers.clear();
  EXPECT_EQ(done, 8);
  EXPECT_LE(pool.workers().size(), 2U);
}

TEST(Pool, RefusesCallersOnceTooManyWait) {
  PoolOptions options = test_options();
  options.workers_max = 1;
  options.waiting_max = 0;
  Pool pool(options);
  std::stop_source stop;
  std::jthread holder([&] { (void)ask(pool, command("sleep 60000"), stop.get_token()); });
  ASSERT_TRUE(eventually([&] { return pool.workers().size() == 1; }));
  EXPECT_EQ(kind_of(ask(pool, command("echo x"))), ErrorKind::kExhausted);
  stop.request_stop();
}

TEST(Pool, LetsAWaitingCallerGo) {
  PoolOptions options = test_options();
  options.workers_max = 1;
  Pool pool(options);
  std::stop_source stop_holder;
  std::jthread holder([&] { (void)ask(pool, command("sleep 60000"), stop_holder.get_token()); });
  ASSERT_TRUE(eventually([&] { return pool.workers().size() == 1; }));
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  EXPECT_EQ(kind_of(ask(pool, command("echo x"), stop.get_token())), ErrorKind::kCancelled);
  stop_holder.request_stop();
}

TEST(Pool, SaysWhyAWorkerCannotBeStarted) {
  PoolOptions options = test_options();
  options.program = "/nonexistent/sluice-worker";
  Pool pool(options);
  const Answer answer = ask(pool, command("echo x"));
  EXPECT_EQ(kind_of(answer), ErrorKind::kUnavailable);
  EXPECT_NE(answer.response.error().message.find("/nonexistent/sluice-worker"), std::string::npos);
  EXPECT_FALSE(has_children());
}

TEST(Pool, EndsIdleWorkersAfterAWhile) {
  PoolOptions options = test_options();
  options.idle_max = milliseconds(50);
  Pool pool(options);
  ASSERT_TRUE(ask(pool, command("echo a")).response.ok());
  EXPECT_TRUE(eventually([&] { return pool.workers().empty(); }));
  EXPECT_FALSE(has_children());
}

TEST(Pool, ReapsAWorkerThatDiesIdleAndStartsAnother) {
  Pool pool(test_options());
  ASSERT_TRUE(ask(pool, command("echo a")).response.ok());
  ::kill(pool.workers().at(0).pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return pool.workers().empty(); }));
  EXPECT_FALSE(has_children());
  EXPECT_TRUE(ask(pool, command("echo b")).response.ok());
}

TEST(Pool, LeavesNoProcessBehind) {
  {
    Pool pool(test_options());
    std::jthread other([&] { (void)ask(pool, command("sleep 50")); });
    ASSERT_TRUE(ask(pool, command("sleep 50")).response.ok());
  }
  EXPECT_FALSE(has_children());
}

TEST(Pool, FailsOnlyTheJobWhoseWorkerIsKilled) {
  Pool pool(test_options());
  Answer killed{base::internal_error("not run"), {}};
  Answer spared{base::internal_error("not run"), {}};
  std::jthread first([&] { killed = ask(pool, command("sleep 60000")); });
  ASSERT_TRUE(eventually([&] { return pool.workers().size() == 1; }));
  const pid_t victim = pool.workers().at(0).pid;
  std::jthread second([&] { spared = ask(pool, command("sleep 300")); });
  ASSERT_TRUE(eventually([&] { return pool.workers().size() == 2; }));
  ::kill(victim, SIGKILL);
  first.join();
  second.join();
  EXPECT_EQ(kind_of(killed), ErrorKind::kUnavailable);
  const std::string& message = killed.response.error().message;
  EXPECT_NE(message.find("SIGKILL"), std::string::npos) << message;
  EXPECT_NE(message.find("query job"), std::string::npos) << message;
  EXPECT_NE(message.find(std::to_string(victim)), std::string::npos) << message;
  EXPECT_TRUE(spared.response.ok());
}

TEST(Pool, NamesTheSignalOrExitCodeOfADeadWorker) {
  SLUICE_SKIP_UNDER_ADDRESS_SANITIZER();
  Pool pool(test_options());
  const Answer crashed = ask(pool, command("signal 11"));
  EXPECT_EQ(kind_of(crashed), ErrorKind::kUnavailable);
  EXPECT_NE(crashed.response.error().message.find("SIGSEGV"), std::string::npos);
  const Answer left = ask(pool, command("exit 7"));
  EXPECT_EQ(kind_of(left), ErrorKind::kUnavailable);
  EXPECT_NE(left.response.error().message.find("exited with code 7"), std::string::npos);
}

TEST(Pool, HoldsAFastJobBackForASlowSink) {
  SLUICE_SKIP_UNDER_ADDRESS_SANITIZER();
  Pool pool(test_options());
  int taken = 0;
  const auto response =
      pool.run(command("emit 2000"),
               [&](data::Batch batch) -> base::Status {
                 EXPECT_EQ(std::get<std::int64_t>(batch.columns.at(0).values.at(0)), taken);
                 if (++taken % 100 == 0) {
                   std::this_thread::sleep_for(milliseconds(10));
                 }
                 return {};
               },
               {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(taken, 2000);
  EXPECT_EQ(std::get<job::QueryResult>(response->answer).rows, 2000 * 2048);
  EXPECT_LT(response->usage.memory_peak_bytes, 8 << 20);  // 2000 batches are 36 MiB on the wire
}

TEST(Pool, EndsTheJobWhenTheSinkRefuses) {
  Pool pool(test_options());
  int taken = 0;
  const auto response =
      pool.run(command("emit 1000000"),
               [&](data::Batch) -> base::Status {
                 return ++taken < 5 ? base::Status() : base::Status(base::invalid_input("enough"));
               },
               {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().message, "enough");
  EXPECT_EQ(taken, 5);
  EXPECT_TRUE(pool.workers().empty());
}

TEST(Pool, SurvivesTwoHundredKillsAndCancels) {
  {
    PoolOptions options = test_options();
    options.workers_max = 3;
    options.jobs_per_worker = 5;
    options.cancel_grace = milliseconds(50);
    Pool pool(options);
    std::atomic<int> unexpected = 0;
    const auto round = [&](std::mt19937_64& random) {
      static constexpr const char* kCommands[] = {"echo x", "sleep 20", "emit 20", "deaf", "eat 8"};
      const std::uint64_t choice = random() % 5;
      std::stop_source stop;
      std::jthread trouble([&, how = random() % 3, wait = random() % 15] {
        std::this_thread::sleep_for(milliseconds(wait));
        const auto workers = pool.workers();
        if (how == 0 && !workers.empty()) {
          ::kill(workers[wait % workers.size()].pid, SIGKILL);
        }
        if (how != 0 || choice == 3) {
          stop.request_stop();
        }
      });
      const Answer answer = ask(pool, command(kCommands[choice]), stop.get_token());
      const bool expected = answer.response.ok() || kind_of(answer) == ErrorKind::kCancelled ||
                            kind_of(answer) == ErrorKind::kUnavailable;
      unexpected += expected ? 0 : 1;
    };
    std::vector<std::jthread> callers;
    for (std::uint64_t caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&, caller] {
        std::mt19937_64 random(caller);
        for (int i = 0; i < 50; ++i) {
          round(random);
        }
      });
    }
    callers.clear();
    EXPECT_EQ(unexpected, 0);
    for (const WorkerInfo& worker : pool.workers()) {
      EXPECT_EQ(worker.state, SlotState::kIdle);
    }
    // A kill may still be on its way to a worker that looks idle.
    EXPECT_TRUE(eventually([&] { return ask(pool, command("echo still here")).response.ok(); }));
  }
  EXPECT_FALSE(has_children());
}

// PR_SET_PDEATHSIG: a front that is killed takes its workers with it.
TEST(Pool, WorkersDieWithTheFront) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t front = ::fork();
  if (front == 0) {
    Pool pool(test_options());
    std::jthread caller([&] { (void)ask(pool, command("deaf")); });
    eventually([&] { return pool.workers().size() == 1; });
    const pid_t worker = pool.workers().at(0).pid;
    (void)!::write(pipe[1], &worker, sizeof(worker));
    ::kill(::getpid(), SIGKILL);
  }
  pid_t worker = 0;
  ASSERT_EQ(::read(pipe[0], &worker, sizeof(worker)), static_cast<ssize_t>(sizeof(worker)));
  ::waitpid(front, nullptr, 0);
  // Orphaned, it is reaped by init or stays a zombie of nobody's concern: it must not run.
  EXPECT_TRUE(eventually([&] {
    const std::string stat = slurp("/proc/" + std::to_string(worker) + "/stat");
    return stat.empty() || stat.find(") Z") != std::string::npos;
  }));
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(Pool, TellsHowFarAJobIs) {
  Pool pool(test_options());
  std::vector<job::Progress> told;
  const auto done = pool.run(
      command("sleep 700"), [](data::Batch) { return base::Status(); }, {}, {},
      [&](const job::Progress& progress) { told.push_back(progress); });
  EXPECT_TRUE(done.ok());
  ASSERT_GE(told.size(), 1U);
  for (std::size_t i = 1; i < told.size(); ++i) {
    EXPECT_GE(told[i].read_bytes, told[i - 1].read_bytes);
  }
}

}  // namespace
}  // namespace sluice::worker
