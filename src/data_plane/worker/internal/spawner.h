#pragma once

#include <sys/types.h>

#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "sluice/base/bounded_queue.h"
#include "sluice/base/result.h"
#include "sluice/worker/unique_fd.h"

namespace sluice::worker::internal {

struct Child {
  pid_t pid = 0;
  UniqueFd socket;  // our end; the child has the other as descriptor 3
};

/// Starts worker processes from one thread that lives as long as the spawner: the kernel kills a
/// child (PR_SET_PDEATHSIG) when the thread that started it ends. A child gets an empty stdin and
/// stdout, our stderr, its socket and nothing else; a group of its own, so that Ctrl-C reaches only
/// the front; and a raised OOM score.
class Spawner {
 public:
  Spawner(std::filesystem::path program, std::vector<std::string> environment);
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  /// Starts one and waits until the program runs. kUnavailable when it cannot.
  base::Result<Child> spawn();

 private:
  base::Result<Child> spawn_here();

  std::filesystem::path program_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  base::BoundedQueue<std::promise<base::Result<Child>>> requests_{64};
  std::jthread thread_;
};

}  // namespace sluice::worker::internal
