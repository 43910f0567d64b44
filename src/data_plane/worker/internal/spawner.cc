#include "sluice/worker/internal/spawner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sluice/worker/internal/child_process.h"

namespace sluice::worker::internal {
namespace {

constexpr int kChildSocket = 3;
constexpr int kChildReport = 4;
constexpr char kOomScore[] = "500";

/// All that the child needs between fork and exec, made before: there it may call only what is safe
/// in a signal handler.
struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int socket;
  int report;
  pid_t parent;
};

bool raise_oom_score() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  const bool written = file >= 0 && ::write(file, kOomScore, sizeof(kOomScore) - 1) > 0;
  ::close(file);
  return written;
}

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    ::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Moves socket and report to their numbers, on which anything of the parent may sit. `report`
// always is the pipe, wherever this stops.
bool place_descriptors(const Plan& plan, int& report) {
  const int socket = ::fcntl(plan.socket, F_DUPFD, kChildReport + 1);
  const int moved = ::fcntl(plan.report, F_DUPFD_CLOEXEC, kChildReport + 1);
  const int null = ::open("/dev/null", O_RDWR);
  if (socket < 0 || moved < 0 || null < 0) {
    return false;
  }
  report = moved;
  if (::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0 ||
      ::dup2(socket, kChildSocket) < 0 || ::dup3(moved, kChildReport, O_CLOEXEC) < 0) {
    return false;
  }
  report = kChildReport;
  return ::close_range(kChildReport + 1, ~0U, 0) == 0;
}

[[noreturn]] void become_worker(const Plan& plan) {
  int report = plan.report;
  ::setpgid(0, 0);
  reset_signals();
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == plan.parent && raise_oom_score() &&
      place_descriptors(plan, report)) {
    ::execve(plan.program, plan.arguments, plan.environment);
  }
  const int problem = errno;
  (void)!::write(report, &problem, sizeof(problem));
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

// What the child wrote before it gave up; 0 when exec closed the pipe.
int read_report(int report) {
  int problem = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &problem, sizeof(problem));
  } while (got < 0 && errno == EINTR);
  return got == sizeof(problem) ? problem : 0;
}

}  // namespace

Spawner::Spawner(std::filesystem::path program, std::vector<std::string> environment)
    : program_(std::move(program)),
      arguments_({"sluice-worker", "--socket", std::to_string(kChildSocket)}),
      environment_(std::move(environment)),
      thread_([this](std::stop_token stop) {
        while (auto request = requests_.pop(stop)) {
          request->set_value(spawn_here());
        }
      }) {}

Spawner::~Spawner() { requests_.close(); }

base::Result<Child> Spawner::spawn() {
  std::promise<base::Result<Child>> request;
  auto answer = request.get_future();
  SLUICE_RETURN_IF_ERROR(requests_.push(std::move(request)));
  return answer.get();
}

base::Result<Child> Spawner::spawn_here() {
  std::array<int, 2> pair{};
  std::array<int, 2> pipe{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return base::from_errno(errno, "make a worker's socket");
  }
  UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return base::from_errno(errno, "make a worker's start pipe");
  }
  const UniqueFd report(pipe[0]);
  UniqueFd report_write(pipe[1]);
  const auto arguments = pointers(arguments_);
  const auto environment = pointers(environment_);
  const Plan plan{program_.c_str(), arguments.data(),   environment.data(),
                  theirs.get(),     report_write.get(), ::getpid()};
  const pid_t pid = ::fork();
  if (pid < 0) {
    return base::from_errno(errno, "start a worker");
  }
  if (pid == 0) {
    become_worker(plan);
  }
  report_write.reset();
  if (const int problem = read_report(report.get()); problem != 0) {
    kill_and_reap(pid);
    return base::unavailable("cannot start " + program_.string() + ": " + std::strerror(problem));
  }
  return Child{pid, std::move(ours)};
}

}  // namespace sluice::worker::internal
