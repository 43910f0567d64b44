#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "sluice/base/result.h"

namespace sluice::base {

/// A first-in, first-out queue with a fixed capacity, shared by any number of threads. Full means
/// the producer waits (`push`) or is refused (`try_push`); closed means no more may come, while
/// what is inside may still be taken.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. kCancelled when `stop` is requested or the queue is closed.
  Status push(T item, std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop, [&] { return closed_ || items_.size() < capacity_; });
    if (stop.stop_requested() || closed_) {
      return cancelled("the queue no longer takes items");
    }
    items_.push_back(std::move(item));
    filled_.notify_one();
    return {};
  }

  /// Adds without waiting. kExhausted when full, kCancelled when closed.
  Status try_push(T item) {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      return cancelled("the queue no longer takes items");
    }
    if (items_.size() >= capacity_) {
      return exhausted("the queue is full");
    }
    items_.push_back(std::move(item));
    filled_.notify_one();
    return {};
  }

  /// Waits for an item; nothing when the queue is closed and empty, or `stop` is requested.
  std::optional<T> pop(std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, stop, [&] { return closed_ || !items_.empty(); });
    if (items_.empty() || stop.stop_requested()) {
      return std::nullopt;
    }
    T item = std::move(items_.front());
    items_.pop_front();
    room_.notify_one();
    return item;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace sluice::base
