#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace sluice::app {

/// Turns SIGINT and SIGTERM into a stop request. The first asks for an orderly end, a second SIGINT
/// ends the process at once. Make it before any other thread, so that all inherit the blocked
/// signals.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();

  std::stop_token token() const { return source_.get_token(); }

  /// Has the first signal told by `say`, on another thread, until told otherwise ({}: a line on
  /// standard error).
  void tell_by(std::function<void()> say);

 private:
  void tell();

  std::mutex mutex_;
  std::function<void()> say_;
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace sluice::app
