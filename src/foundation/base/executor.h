#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "sluice/base/bounded_queue.h"

namespace sluice::base {

/// Runs tasks on a fixed number of threads, first come, first served. The destructor asks tasks to
/// stop, drops what has not begun and joins. A task gets the stop token and must not throw.
class Executor {
 public:
  using Task = std::function<void(std::stop_token)>;

  Executor(std::size_t threads, std::size_t queue_capacity);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Hands a task over, waiting while the queue is full. kCancelled once stopping.
  Status submit(Task task);

  /// Asks running tasks to stop and refuses new ones; does not wait.
  void request_stop();

 private:
  std::stop_source stop_;
  BoundedQueue<Task> queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace sluice::base
