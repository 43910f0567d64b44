#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "sluice/base/crash_point.h"

namespace sluice::base {

namespace {

struct Plan {
  std::string name;
  int passage = 1;
  int log_fd = -1;
};

Plan read_plan() {
  Plan plan;
  if (const char* at = std::getenv("SLUICE_CRASH_AT")) {
    plan.name = at;
    if (const auto hash = plan.name.find('#'); hash != std::string::npos) {
      plan.passage = static_cast<int>(std::strtol(plan.name.c_str() + hash + 1, nullptr, 10));
      plan.name.resize(hash);
    }
  }
  if (const char* log = std::getenv("SLUICE_CRASH_LOG")) {
    plan.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }
  return plan;
}

}  // namespace

void crash_point(std::string_view name) {
  static std::mutex mutex;
  static const Plan kPlan = read_plan();
  static std::map<std::string, int, std::less<>> passages;
  const std::lock_guard lock(mutex);
  if (kPlan.log_fd >= 0) {
    const std::string line = std::string(name) + "\n";
    [[maybe_unused]] const auto written = write(kPlan.log_fd, line.data(), line.size());
  }
  if (name != kPlan.name) {
    return;
  }
  if (++passages[std::string(name)] == kPlan.passage) {
    kill(getpid(), SIGKILL);
  }
}

}  // namespace sluice::base
