#pragma once

#include <string>
#include <vector>

namespace sluice::bench {

/// What a commit wrote: whole files, then a piece of the metastore's log.
struct Writes {
  std::vector<std::string> contents;  // of the files, one after the other
  std::string log;                    // appended to the log
};

/// Does the same writes and syncs as a commit with nothing but system calls: open, write, fsync and
/// close of each file in turn, fsync of their folder, write and fdatasync of the log.
class BareWrites {
 public:
  /// Makes `dir`, a folder that must not exist, and a log of `log_bytes` in it, which is written in
  /// a circle as SQLite writes its log between two checkpoints.
  BareWrites(std::string dir, long log_bytes);
  ~BareWrites();
  BareWrites(const BareWrites&) = delete;
  BareWrites& operator=(const BareWrites&) = delete;

  /// Returns how many microseconds it took.
  double run(const Writes& writes);

 private:
  std::string dir_;
  long log_bytes_;
  long log_at_ = 0;
  int dir_fd_ = -1;
  int log_fd_ = -1;
  int files_ = 0;
};

}  // namespace sluice::bench
