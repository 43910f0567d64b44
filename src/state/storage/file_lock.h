#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::storage {

/// An exclusive claim on a path among processes, by flock(2) on a file that says who holds it. The
/// kernel drops it when the process ends, however that happens. Move-only.
class FileLock {
 public:
  /// Claims `path`, writing `holder` (such as `pid 17, sluice run, since ...`) into it. While
  /// another process holds it, tries again until `wait_ms` have passed, then kConflict with the
  /// holder's text.
  static base::Result<FileLock> acquire(const std::string& path, std::string_view holder,
                                        std::int64_t wait_ms);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_ = -1;
};

/// A claim that any number of readers have beside each other, each kept as a flock-ed file in one
/// folder, so that whoever wants to remove what they read can ask first. Its file is removed at the
/// end; one left by a dead process counts for nothing. Move-only.
class SharedHold {
 public:
  /// `text` says what is held (`bronze.flights 4711`), `name` must be unique in `dir`, which is
  /// made when it is not there. kUnauthorized where this user may not write.
  static base::Result<SharedHold> acquire(const std::string& dir, const std::string& name,
                                          std::string_view text);
  /// Changes what the file says. Who reads it at that moment may find a part of it.
  base::Status tell(std::string_view text);

  /// Returns the texts of all holds whose process lives; "" where this user may not read one.
  static base::Result<std::vector<std::string>> list(const std::string& dir);
  /// Removes the files of processes that ended without doing so, and returns how many.
  static base::Result<std::size_t> remove_dead(const std::string& dir);

  SharedHold(SharedHold&& other) noexcept;
  SharedHold& operator=(SharedHold&& other) noexcept;
  ~SharedHold();

 private:
  SharedHold(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  void release();

  int fd_ = -1;
  std::string path_;
};

}  // namespace sluice::storage
