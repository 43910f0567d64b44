#include "sluice/base/executor.h"

#include <utility>

namespace sluice::base {

Executor::Executor(std::size_t threads, std::size_t queue_capacity) : queue_(queue_capacity) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      const std::stop_token stop = stop_.get_token();
      while (auto task = queue_.pop(stop)) {
        (*task)(stop);
      }
    });
  }
}

Executor::~Executor() { request_stop(); }

Status Executor::submit(Task task) { return queue_.push(std::move(task), stop_.get_token()); }

void Executor::request_stop() {
  stop_.request_stop();
  queue_.close();
}

}  // namespace sluice::base
