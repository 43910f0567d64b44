#include "sluice/app/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace sluice::app {

namespace {

constexpr int kExitInterrupted = 130;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);  // ends the thread
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this] {
    const sigset_t waited = stop_signals();
    while (true) {
      int signal_number = 0;
      if (sigwait(&waited, &signal_number) != 0 || signal_number == SIGUSR1) {
        return;
      }
      if (source_.stop_requested() && signal_number == SIGINT) {
        _exit(kExitInterrupted);
      }
      tell();
      source_.request_stop();
    }
  });
}

void StopSignal::tell_by(std::function<void()> say) {
  const std::lock_guard lock(mutex_);
  say_ = std::move(say);
}

void StopSignal::tell() {
  const std::lock_guard lock(mutex_);
  if (say_) {
    say_();
    return;
  }
  static constexpr char kMessage[] = "\nstopping; once more to end at once\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
}

StopSignal::~StopSignal() { pthread_kill(thread_.native_handle(), SIGUSR1); }

}  // namespace sluice::app
