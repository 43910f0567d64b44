#include "sluice/worker/internal/child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sluice/worker/unique_fd.h"

namespace sluice::worker::internal {

bool wait_for_end(pid_t pid, std::chrono::milliseconds at_most) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid()) {
    return false;
  }
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() < 0) {
      return false;
    }
    pollfd ended{process.get(), POLLIN, 0};
    const int count = ::poll(&ended, 1, static_cast<int>(left.count()) + 1);
    if (count != 0 && !(count < 0 && errno == EINTR)) {
      return count > 0;
    }
  }
}

ChildExit kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED) != 0) {
    if (errno != EINTR) {
      // Somebody else reaped it (SIGCHLD is ignored): it is gone, which is what matters.
      return {true, SIGKILL};
    }
  }
  return {info.si_code != CLD_EXITED, info.si_status};
}

std::string to_text(const ChildExit& exit) {
  if (!exit.by_signal) {
    return "exited with code " + std::to_string(exit.number);
  }
  const char* name = ::sigabbrev_np(exit.number);
  return std::string("was killed by ") +
         (name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(exit.number));
}

}  // namespace sluice::worker::internal
