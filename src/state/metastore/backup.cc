#include "sluice/metastore/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "sluice/base/crash_point.h"
#include "sluice/metastore/database.h"

namespace sluice::metastore {

namespace {

using base::Result;
using base::Status;

constexpr int kBusyTimeoutMs = 5000;

struct CloseHandle {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;

base::Error error_of(int code, const std::string& what) {
  const std::string text = fmt::format("{}: {}", what, sqlite3_errstr(code));
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return base::exhausted(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return base::corrupt(text);
    case SQLITE_CANTOPEN:
      return base::not_found(text);
    default:
      return base::unavailable(text);
  }
}

Result<Handle> open_handle(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) {
    return error_of(code, "opening " + path);
  }
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return handle;
}

Status sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) {
    return base::from_errno(errno, path);
  }
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return failed == 0 ? Status() : Status(base::from_errno(failed, path));
}

/// Makes a copy under a temporary name: one file without a log beside it, checked.
Status write_copy(const std::string& from, const std::string& path) {
  SLUICE_RETURN_IF_ERROR(replace_content(from, path));
  SLUICE_ASSIGN_OR_RETURN(const auto copy, Database::open(path, OpenMode::kReadWrite));
  SLUICE_RETURN_IF_ERROR(copy->execute("PRAGMA journal_mode = DELETE"));
  return copy->check_integrity();
}

}  // namespace

Status replace_content(const std::string& from, const std::string& to) {
  SLUICE_ASSIGN_OR_RETURN(const Handle source, open_handle(from, SQLITE_OPEN_READONLY));
  SLUICE_ASSIGN_OR_RETURN(const Handle target,
                          open_handle(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  const std::string what = fmt::format("copying {} to {}", from, to);
  sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
  if (backup == nullptr) {
    return error_of(sqlite3_extended_errcode(target.get()), what);
  }
  sqlite3_backup_step(backup, -1);
  const int code = sqlite3_backup_finish(backup);
  return code == SQLITE_OK ? Status() : Status(error_of(code, what));
}

Status back_up(const std::string& from, const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return base::already_exists(fmt::format("{} exists; a backup never replaces a file", path));
  }
  const std::string temporary = fmt::format("{}.tmp-{}", path, ::getpid());
  std::filesystem::remove(temporary, error);
  Status done = write_copy(from, temporary);
  if (done) {
    done = sync_path(temporary, O_RDONLY);
  }
  base::crash_point("metastore.back_up.before_rename");
  // A link, not a rename, so that a file that appeared meanwhile is not replaced.
  if (done && ::link(temporary.c_str(), path.c_str()) != 0) {
    done = base::from_errno(errno, path);
  }
  ::unlink(temporary.c_str());
  if (!done) {
    return done;
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return sync_path(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

Result<std::string> set_aside(const std::string& path, const std::string& suffix) {
  // The database first: without its log it would be an older one, a log alone is nothing.
  for (const char* part : {"", "-wal", "-shm"}) {
    const std::string from = path + part;
    const std::string to = path + suffix + part;
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
      return base::from_errno(errno, from);
    }
    base::crash_point("metastore.set_aside.after_rename");
  }
  return path + suffix;
}

Status put_in_place(const std::string& from, const std::string& to) {
  SLUICE_RETURN_IF_ERROR(sync_path(from, O_RDONLY));
  base::crash_point("metastore.put_in_place.before_rename");
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return base::from_errno(errno, to);
  }
  base::crash_point("metastore.put_in_place.after_rename");
  return sync_path(std::filesystem::path(to).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace sluice::metastore
