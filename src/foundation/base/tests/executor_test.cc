#include "sluice/base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace sluice::base {
namespace {

TEST(Executor, RunsEveryTaskOnItsThreads) {
  std::atomic<int> sum = 0;
  std::latch done(100);
  Executor executor(2, 8);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(executor
                    .submit([&, i](std::stop_token) {
                      sum += i;
                      done.count_down();
                    })
                    .ok());
  }
  done.wait();
  EXPECT_EQ(sum, 4950);
}

TEST(Executor, RefusesTasksOnceStopping) {
  Executor executor(1, 1);
  executor.request_stop();
  EXPECT_EQ(executor.submit([](std::stop_token) {}).error().kind, ErrorKind::kCancelled);
}

TEST(Executor, AsksARunningTaskToStop) {
  std::latch begun(1);
  std::atomic<bool> stopped = false;
  {
    Executor executor(1, 1);
    ASSERT_TRUE(executor
                    .submit([&](std::stop_token stop) {
                      begun.count_down();
                      while (!stop.stop_requested()) {
                        std::this_thread::yield();
                      }
                      stopped = true;
                    })
                    .ok());
    begun.wait();
  }
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace sluice::base
