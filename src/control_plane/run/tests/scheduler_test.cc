#include "sluice/run/scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace sluice::run {
namespace {

using base::Result;

/// Answers every job at once, or once told to; counts how many run side by side.
class CountingEngine final : public engine::Engine {
 public:
  Result<job::Response> execute(const job::Request& request, const engine::BatchSink&,
                                std::stop_token stop) override {
    const int threads = threads_in_use_ += request.limits.threads;
    int seen = threads_most_;
    while (threads > seen && !threads_most_.compare_exchange_weak(seen, threads)) {
    }
    if (held_) {
      std::unique_lock lock(mutex_);
      released_.wait(lock, stop, [&] { return !held_; });
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    threads_in_use_ -= request.limits.threads;
    if (stop.stop_requested()) {
      return base::cancelled("stopped");
    }
    return job::Response{};
  }

  std::atomic<int> threads_in_use_ = 0;
  std::atomic<int> threads_most_ = 0;
  std::atomic<bool> held_ = false;

 private:
  std::mutex mutex_;
  std::condition_variable_any released_;
};

/// A run of one stage that ends as told.
class OneStageRun final : public TableRun {
 public:
  OneStageRun(std::string table, int threads, RunEvent end, std::vector<std::string>& order)
      : threads_(threads), end_(end), order_(order) {
    summary_.table = std::move(table);
  }

  Result<std::optional<Stage>> advance(std::optional<Result<job::Response>> answer) override {
    if (!answer) {
      order_.push_back(summary_.table);
      summary_.state = *transition(summary_.state, RunEvent::kBegin);
      Stage stage{"refresh", {}};
      stage.request.limits.threads = threads_;
      stage.request.limits.memory_bytes = 1;
      return std::optional<Stage>(stage);
    }
    if (!*answer) {
      summary_.state = *transition(summary_.state, RunEvent::kCancel);
    } else if (end_ == RunEvent::kCommitted) {
      summary_.state = *transition(summary_.state, RunEvent::kStaged);
      summary_.state = *transition(summary_.state, RunEvent::kCommitted);
    } else {
      summary_.state = *transition(summary_.state, end_);
    }
    return std::optional<Stage>();
  }

  base::Status skip(RunEvent event, const std::string& reason) override {
    summary_.reason = reason;
    summary_.state = *transition(summary_.state, event);
    return {};
  }

  const RunSummary& summary() const override { return summary_; }

 private:
  const int threads_;
  const RunEvent end_;
  std::vector<std::string>& order_;
  RunSummary summary_;
};

class SchedulerTest : public testing::Test {
 protected:
  void add(const std::string& table, std::vector<std::size_t> upstream, int threads = 1,
           RunEvent end = RunEvent::kCommitted) {
    runs_.push_back(
        {std::make_unique<OneStageRun>(table, threads, end, order_), std::move(upstream)});
  }

  RunState state(std::size_t index) const { return runs_[index].run->summary().state; }

  CountingEngine engine_;
  std::vector<std::string> order_;
  std::vector<ScheduledRun> runs_;
};

TEST_F(SchedulerTest, BeginsARunAfterAllItsUpstream) {
  add("a", {});
  add("b", {});
  add("c", {0, 1});
  add("d", {2});
  Scheduler scheduler(engine_, {2, 10}, {});
  ASSERT_TRUE(scheduler.drive(runs_, {}).ok());
  EXPECT_EQ(order_, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(state(3), RunState::kPublished);
}

TEST_F(SchedulerTest, NeverGrantsMoreThanTheCapacity) {
  for (int i = 0; i < 20; ++i) {
    add("t" + std::to_string(i), {}, 1 + i % 2);
  }
  Scheduler scheduler(engine_, {3, 1000}, {});
  ASSERT_TRUE(scheduler.drive(runs_, {}).ok());
  EXPECT_LE(engine_.threads_most_, 3);
  EXPECT_GE(engine_.threads_most_, 2);
}

TEST_F(SchedulerTest, RunsAStageLargerThanTheCapacityAlone) {
  add("a", {}, 8);
  add("b", {}, 1);
  Scheduler scheduler(engine_, {2, 10}, {});
  ASSERT_TRUE(scheduler.drive(runs_, {}).ok());
  EXPECT_EQ(engine_.threads_most_, 8);
  EXPECT_EQ(state(0), RunState::kPublished);
}

TEST_F(SchedulerTest, BlocksOnlyWhatIsDownstreamOfAFailure) {
  add("a", {}, 1, RunEvent::kRefused);
  add("b", {});
  add("c", {0});
  add("d", {2});
  add("e", {1});
  Scheduler scheduler(engine_, {2, 10}, {});
  ASSERT_TRUE(scheduler.drive(runs_, {}).ok());
  EXPECT_EQ(state(0), RunState::kRejected);
  EXPECT_EQ(state(2), RunState::kBlocked);
  EXPECT_EQ(runs_[2].run->summary().reason, "a is rejected");
  EXPECT_EQ(state(3), RunState::kBlocked);
  EXPECT_EQ(state(4), RunState::kPublished);
}

TEST_F(SchedulerTest, CancelsWhatRunsAndBeginsNothingNewAfterAStop) {
  engine_.held_ = true;
  add("a", {});
  add("b", {0});
  std::stop_source stop;
  std::jthread stopper([&] {
    while (engine_.threads_in_use_ == 0) {
      std::this_thread::yield();
    }
    stop.request_stop();
  });
  Scheduler scheduler(engine_, {2, 10}, {});
  EXPECT_EQ(scheduler.drive(runs_, stop.get_token()).error().kind, base::ErrorKind::kCancelled);
  EXPECT_EQ(state(0), RunState::kCancelled);
  EXPECT_EQ(state(1), RunState::kCancelled);
}

TEST_F(SchedulerTest, TellsTheListenerOfStagesAndEndings) {
  add("a", {});
  std::vector<std::string> told;
  Scheduler scheduler(engine_, {1, 10}, [&](const RunSummary& summary, const Stage* stage) {
    told.push_back(summary.table + ":" +
                   (stage != nullptr ? stage->name : std::string(to_text(summary.state))));
  });
  ASSERT_TRUE(scheduler.drive(runs_, {}).ok());
  EXPECT_EQ(told, (std::vector<std::string>{"a:refresh", "a:published"}));
}

}  // namespace
}  // namespace sluice::run
