#include "sluice/worker/unique_fd.h"

#include <unistd.h>

namespace sluice::worker {

void UniqueFd::reset() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

}  // namespace sluice::worker
