#include "sluice/metastore/traceless_read.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <tuple>

namespace sluice::metastore {

namespace {

using base::Result;
using base::Status;

constexpr int kAttempts = 16;

/// What changes when somebody writes the file.
struct FileState {
  std::tuple<ino_t, off_t, time_t, long> file;
  bool has_log = false;

  friend bool operator==(const FileState&, const FileState&) = default;
};

Result<FileState> state_of(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    return base::from_errno(errno, "metastore " + path);
  }
  FileState state;
  state.file = {info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
  struct stat log = {};
  state.has_log = ::stat((path + "-wal").c_str(), &log) == 0;
  return state;
}

/// One transaction, so that all that is read is of one moment.
Status read_once(const std::string& path, const std::function<Status(Database&)>& read) {
  SLUICE_ASSIGN_OR_RETURN(const auto database, Database::open(path, OpenMode::kTraceless));
  SLUICE_RETURN_IF_ERROR(database->execute("BEGIN"));
  return read(*database);
}

}  // namespace

Status read_traceless(const std::string& path, const std::function<Status(Database&)>& read) {
  std::optional<base::Error> last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    SLUICE_ASSIGN_OR_RETURN(const FileState before, state_of(path));
    Status done = read_once(path, read);
    SLUICE_ASSIGN_OR_RETURN(const FileState after, state_of(path));
    // With a log, SQLite's own locks keep a reader and a writer apart. Without, nothing does: the
    // file must not have changed.
    const bool undisturbed = before == after || (done && before.has_log);
    if (undisturbed) {
      return done;
    }
    if (!done) {
      last = done.error();
    }
  }
  return base::unavailable(fmt::format("metastore {} changes whenever it is read{}; try again",
                                       path, last ? " (" + last->message + ")" : std::string()));
}

}  // namespace sluice::metastore
