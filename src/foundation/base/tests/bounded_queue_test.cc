#include "sluice/base/bounded_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace sluice::base {
namespace {

TEST(BoundedQueue, RejectsWhenFull) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.try_push(1).ok());
  EXPECT_EQ(queue.try_push(2).error().kind, ErrorKind::kExhausted);
}

TEST(BoundedQueue, HandsItemsOverInOrder) {
  BoundedQueue<int> queue(2);
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(queue.push(i).ok());
    }
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) {
    EXPECT_EQ(*item, expected++);
  }
  EXPECT_EQ(expected, 1000);
}

TEST(BoundedQueue, GivesWhatIsInsideAfterClosing) {
  BoundedQueue<int> queue(2);
  ASSERT_TRUE(queue.push(1).ok());
  queue.close();
  EXPECT_EQ(queue.push(2).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, WakesAWaitingConsumerOnStop) {
  BoundedQueue<int> queue(1);
  std::jthread consumer([&](std::stop_token stop) { EXPECT_EQ(queue.pop(stop), std::nullopt); });
  consumer.request_stop();
}

}  // namespace
}  // namespace sluice::base
