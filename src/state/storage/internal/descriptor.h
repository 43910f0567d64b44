#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "sluice/base/result.h"

namespace sluice::storage {

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

  /// Opens with O_CLOEXEC; `action` begins the message: `opening /x`.
  static base::Result<Descriptor> open(const std::string& path, int flags, const char* action) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd < 0) {
      return base::from_errno(errno, std::string(action) + " " + path);
    }
    return Descriptor(fd);
  }

 private:
  int fd_;
};

}  // namespace sluice::storage
