#include "sluice/storage/file_lock.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "sluice/base/text.h"
#include "sluice/storage/file_io.h"
#include "sluice/storage/internal/descriptor.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::storage {

namespace {

using base::Result;

constexpr auto kRetryEvery = std::chrono::milliseconds(50);
constexpr std::size_t kTextBlock = std::size_t{64} << 10;
constexpr std::size_t kTextBytesMax = std::size_t{64} << 20;
constexpr int kHoldAttempts = 16;

std::string read_text(int fd) {
  std::string text;
  while (text.size() < kTextBytesMax) {
    const std::size_t done = text.size();
    text.resize(done + kTextBlock);
    const ssize_t got = ::pread(fd, text.data() + done, kTextBlock, static_cast<off_t>(done));
    text.resize(done + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got <= 0) {
      break;
    }
  }
  return std::string(base::trim(text));
}

base::Status write_text(int fd, std::string_view text) {
  const std::string line = std::string(text) + "\n";
  if (::ftruncate(fd, 0) != 0) {
    return base::from_errno(errno, "writing what is held");
  }
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t written =
        ::pwrite(fd, line.data() + done, line.size() - done, static_cast<off_t>(done));
    if (written < 0 && errno != EINTR) {
      return base::from_errno(errno, "writing what is held");
    }
    done += written > 0 ? static_cast<std::size_t>(written) : 0;
  }
  return {};
}

bool has_name(int fd) {
  struct stat info = {};
  return ::fstat(fd, &info) == 0 && info.st_nlink > 0;
}

Result<std::vector<ListedFile>> hold_files(const std::string& dir) {
  auto listed = make_local_file_io()->list(dir, false);
  if (!listed && listed.error().kind == base::ErrorKind::kNotFound) {
    return std::vector<ListedFile>();
  }
  return listed;
}

bool try_lock(int fd, int operation) { return ::flock(fd, operation | LOCK_NB) == 0; }

}  // namespace

Result<FileLock> FileLock::acquire(const std::string& path, std::string_view holder,
                                   std::int64_t wait_ms) {
  SLUICE_ASSIGN_OR_RETURN(Descriptor file,
                          Descriptor::open(path, O_RDWR | O_CREAT, "opening lock"));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  while (!try_lock(file.get(), LOCK_EX)) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return base::from_errno(errno, "locking " + path);
    }
    // flock(2) has no time-out, and a blocking call could not be ended; so this one place looks
    // again.
    if (std::chrono::steady_clock::now() >= deadline) {
      return base::conflict("in use by " + read_text(file.get()));
    }
    std::this_thread::sleep_for(kRetryEvery);
  }
  // What the file says is for people only; the lock holds whether or not it can be written.
  [[maybe_unused]] const base::Status written = write_text(file.get(), holder);
  return FileLock(file.release());
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Result<SharedHold> SharedHold::acquire(const std::string& dir, const std::string& name,
                                       std::string_view text) {
  const auto files = make_local_file_io();
  SLUICE_RETURN_IF_ERROR(files->make_dirs(dir));
  const std::string path = join_path(dir, name);
  for (int attempt = 0; attempt < kHoldAttempts; ++attempt) {
    SLUICE_ASSIGN_OR_RETURN(Descriptor file,
                            Descriptor::open(path, O_RDWR | O_CREAT | O_EXCL, "making hold"));
    // Others may have taken the file for a dead one's before it was locked, and removed it.
    if (try_lock(file.get(), LOCK_EX) && has_name(file.get())) {
      SharedHold hold(file.release(), path);
      SLUICE_RETURN_IF_ERROR(hold.tell(text));
      return hold;
    }
    ::unlink(path.c_str());
  }
  return base::unavailable("making hold " + path + ": it is removed again and again");
}

base::Status SharedHold::tell(std::string_view text) { return write_text(fd_, text); }

Result<std::vector<std::string>> SharedHold::list(const std::string& dir) {
  SLUICE_ASSIGN_OR_RETURN(const auto entries, hold_files(dir));
  std::vector<std::string> texts;
  for (const ListedFile& entry : entries) {
    const auto file = Descriptor::open(entry.path, O_RDONLY, "opening hold");
    if (!file) {
      // It may have ended since it was listed; one that we may not look into is taken to live.
      if (file.error().kind != base::ErrorKind::kNotFound) {
        texts.emplace_back();
      }
      continue;
    }
    if (!try_lock(file->get(), LOCK_SH)) {
      texts.push_back(read_text(file->get()));
    }
  }
  return texts;
}

Result<std::size_t> SharedHold::remove_dead(const std::string& dir) {
  SLUICE_ASSIGN_OR_RETURN(const auto entries, hold_files(dir));
  std::size_t removed = 0;
  for (const ListedFile& entry : entries) {
    const auto file = Descriptor::open(entry.path, O_RDONLY, "opening hold");
    if (file && try_lock(file->get(), LOCK_EX) && ::unlink(entry.path.c_str()) == 0) {
      ++removed;
    }
  }
  return removed;
}

SharedHold::SharedHold(SharedHold&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

SharedHold& SharedHold::operator=(SharedHold&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

SharedHold::~SharedHold() { release(); }

void SharedHold::release() {
  if (fd_ >= 0) {
    ::unlink(path_.c_str());
    ::close(fd_);
    fd_ = -1;
  }
}

}  // namespace sluice::storage
