#include "bare_writes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace sluice::bench {

namespace {

void must(bool done, const char* what) {
  if (!done) {
    std::perror(what);
    std::exit(2);
  }
}

void write_whole(int fd, const char* bytes, std::size_t count, const char* what) {
  while (count > 0) {
    const ssize_t written = ::write(fd, bytes, count);
    must(written > 0, what);
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

}  // namespace

BareWrites::BareWrites(std::string dir, long log_bytes)
    : dir_(std::move(dir)), log_bytes_(log_bytes) {
  must(::mkdir(dir_.c_str(), 0755) == 0, "making the folder of the bare loop");
  dir_fd_ = ::open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  must(dir_fd_ >= 0, "opening the folder of the bare loop");
  log_fd_ = ::open((dir_ + "/log").c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  must(log_fd_ >= 0, "making the log of the bare loop");
  const std::string zeros(static_cast<std::size_t>(log_bytes_), '\0');
  write_whole(log_fd_, zeros.data(), zeros.size(), "filling the log of the bare loop");
  must(::fsync(log_fd_) == 0 && ::fsync(dir_fd_) == 0, "syncing the log of the bare loop");
}

BareWrites::~BareWrites() {
  ::close(log_fd_);
  ::close(dir_fd_);
}

double BareWrites::run(const Writes& writes) {
  const auto started = std::chrono::steady_clock::now();
  for (const std::string& content : writes.contents) {
    char name[32];
    std::snprintf(name, sizeof(name), "/%d", files_++);
    const int fd = ::open((dir_ + name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    must(fd >= 0, "making a file in the bare loop");
    write_whole(fd, content.data(), content.size(), "writing in the bare loop");
    must(::fsync(fd) == 0 && ::close(fd) == 0, "syncing in the bare loop");
  }
  must(::fsync(dir_fd_) == 0, "syncing the folder in the bare loop");
  if (log_at_ + static_cast<long>(writes.log.size()) > log_bytes_) {
    log_at_ = 0;
  }
  const ssize_t written = ::pwrite(log_fd_, writes.log.data(), writes.log.size(), log_at_);
  must(written == static_cast<ssize_t>(writes.log.size()), "writing the log of the bare loop");
  must(::fdatasync(log_fd_) == 0, "syncing the log of the bare loop");
  log_at_ += written;
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - started;
  return took.count();
}

}  // namespace sluice::bench
