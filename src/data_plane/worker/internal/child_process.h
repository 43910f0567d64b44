#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

namespace sluice::worker::internal {

/// How a process ended: by a signal, or by itself with a code.
struct ChildExit {
  bool by_signal = false;
  int number = 0;  // the signal, or the exit code
};

/// Waits until the child ended, without reaping it. False when `at_most` passed first.
bool wait_for_end(pid_t pid, std::chrono::milliseconds at_most);

/// Kills the child if it still runs and reaps it. Blocks until it is gone.
ChildExit kill_and_reap(pid_t pid);

/// Says `was killed by SIGKILL` or `exited with code 3`.
std::string to_text(const ChildExit& exit);

}  // namespace sluice::worker::internal
