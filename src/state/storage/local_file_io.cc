#include "sluice/storage/local_file_io.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>

#include "sluice/base/crash_point.h"
#include "sluice/base/digest.h"
#include "sluice/storage/internal/descriptor.h"
#include "sluice/storage/internal/temporary_mark.h"

namespace sluice::storage {

namespace {

using base::from_errno;
using base::Result;
using base::Status;

constexpr std::size_t kCopyBlock = std::size_t{256} << 10;  // stays in the cache from read to write
constexpr std::size_t kWritersMax = 8;

Status write_fully(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return from_errno(errno, "writing " + path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_fd(int fd, const std::string& path) {
  if (::fsync(fd) != 0) {
    return from_errno(errno, "making durable " + path);
  }
  return {};
}

FileStat to_stat(const struct stat& info) {
  return {info.st_size, info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1000,
          S_ISDIR(info.st_mode), static_cast<std::int64_t>(info.st_nlink)};
}

/// Writes and syncs a file that must not exist, removing it again when that fails.
Status write_content(const std::string& path, std::string_view bytes) {
  SLUICE_ASSIGN_OR_RETURN(const Descriptor file,
                          Descriptor::open(path, O_WRONLY | O_CREAT | O_EXCL, "creating"));
  Status status = write_fully(file.get(), bytes, path);
  base::crash_point("storage.write.before_sync");
  if (status) {
    status = sync_fd(file.get(), path);
  }
  if (!status) {
    ::unlink(path.c_str());
  }
  return status;
}

std::string temporary_name(const std::string& path) {
  static std::atomic<std::uint64_t> counter = 0;
  return fmt::format("{}{}{}-{}", path, kTemporaryMark, ::getpid(), counter++);
}

class LocalFileIo final : public FileIo {
 public:
  Result<std::string> read_all(const std::string& path, std::int64_t bytes_max) override {
    SLUICE_ASSIGN_OR_RETURN(const FileStat info, stat(path));
    if (info.is_dir) {
      return base::invalid_input("reading " + path + ": it is a folder");
    }
    if (info.bytes > bytes_max) {
      return base::exhausted(
          fmt::format("reading {}: {} bytes, more than {}", path, info.bytes, bytes_max));
    }
    return read_range(path, 0, info.bytes);
  }

  Result<std::string> read_range(const std::string& path, std::int64_t offset,
                                 std::int64_t bytes) override {
    std::string content(static_cast<std::size_t>(bytes), '\0');
    SLUICE_ASSIGN_OR_RETURN(const std::size_t have, read_into(path, offset, content));
    content.resize(have);
    return content;
  }

  Result<std::size_t> read_into(const std::string& path, std::int64_t offset,
                                std::span<char> to) override {
    SLUICE_ASSIGN_OR_RETURN(const Descriptor file, Descriptor::open(path, O_RDONLY, "opening"));
    std::size_t have = 0;
    while (have < to.size()) {
      const ssize_t got = ::pread(file.get(), to.data() + have, to.size() - have,
                                  offset + static_cast<std::int64_t>(have));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return from_errno(errno, "reading " + path);
      }
      if (got == 0) {
        break;
      }
      have += static_cast<std::size_t>(got);
    }
    return have;
  }

  Result<FileStat> stat(const std::string& path) override {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) {
      return from_errno(errno, "looking at " + path);
    }
    return to_stat(info);
  }

  Result<bool> exists(const std::string& path) override {
    const auto info = stat(path);
    if (!info && info.error().kind == base::ErrorKind::kNotFound) {
      return false;
    }
    if (!info) {
      return info.error();
    }
    return true;
  }

  Result<std::vector<ListedFile>> list(const std::string& dir, bool recursive) override {
    std::vector<ListedFile> files;
    SLUICE_RETURN_IF_ERROR(list_into(dir, recursive, 0, files));
    std::sort(files.begin(), files.end(),
              [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
    return files;
  }

  Status make_dirs(const std::string& dir) override {
    base::crash_point("storage.make_dir.before");
    if (::mkdir(dir.c_str(), 0755) == 0) {
      base::crash_point("storage.make_dir.before_sync");
      return sync_dir(parent_of(dir));
    }
    if (errno == EEXIST) {
      SLUICE_ASSIGN_OR_RETURN(const FileStat info, stat(dir));
      return info.is_dir ? Status() : base::already_exists(dir + " is a file, not a folder");
    }
    if (errno != ENOENT || parent_of(dir) == dir) {
      return from_errno(errno, "making folder " + dir);
    }
    SLUICE_RETURN_IF_ERROR(make_dirs(parent_of(dir)));
    if (::mkdir(dir.c_str(), 0755) != 0 && errno != EEXIST) {
      return from_errno(errno, "making folder " + dir);
    }
    return sync_dir(parent_of(dir));
  }

  Status write_new(const std::string& path, std::string_view bytes) override {
    base::crash_point("storage.write_new.before");
    SLUICE_RETURN_IF_ERROR(write_content(path, bytes));
    base::crash_point("storage.write_new.after");
    return {};
  }

  Status write_atomic(const std::string& path, std::string_view bytes) override {
    const std::string temporary = temporary_name(path);
    base::crash_point("storage.write_atomic.before");
    SLUICE_RETURN_IF_ERROR(write_content(temporary, bytes));
    Status status = move_into_place(temporary, path);
    if (!status) {
      ::unlink(temporary.c_str());
    }
    return status;
  }

  Status append(const std::string& path, std::string_view bytes) override {
    base::crash_point("storage.append.before");
    SLUICE_ASSIGN_OR_RETURN(const Descriptor file,
                            Descriptor::open(path, O_WRONLY | O_CREAT | O_APPEND, "opening"));
    SLUICE_RETURN_IF_ERROR(write_fully(file.get(), bytes, path));
    base::crash_point("storage.append.after");
    return {};
  }

  Result<CopiedFile> copy_durable(const std::string& from, const std::string& to) override {
    base::crash_point("storage.copy.before");
    const std::string temporary = temporary_name(to);
    SLUICE_ASSIGN_OR_RETURN(const Descriptor source, Descriptor::open(from, O_RDONLY, "opening"));
    SLUICE_ASSIGN_OR_RETURN(const Descriptor target,
                            Descriptor::open(temporary, O_WRONLY | O_CREAT | O_EXCL, "creating"));
    auto copied = hash_through(source.get(), from, target.get(), temporary);
    Status status = copied ? sync_fd(target.get(), temporary) : Status(copied.error());
    base::crash_point("storage.copy.before_rename");
    if (status) {
      status = move_into_place(temporary, to);
    }
    if (!status) {
      ::unlink(temporary.c_str());
      return std::move(status).error();
    }
    base::crash_point("storage.copy.after");
    return copied;
  }

  Status link_durable(const std::string& from, const std::string& to) override {
    base::crash_point("storage.link.before");
    struct stat info = {};
    if (::lstat(from.c_str(), &info) != 0) {
      return from_errno(errno, "looking at " + from);
    }
    if (!S_ISREG(info.st_mode)) {
      return base::unsupported(from + " is no file of its own");
    }
    SLUICE_RETURN_IF_ERROR(sync_file(from));
    if (::link(from.c_str(), to.c_str()) != 0) {
      const bool cannot = errno == EXDEV || errno == EPERM || errno == EMLINK || errno == ENOTSUP ||
                          errno == ENOSYS;
      return cannot ? base::unsupported("no second name for " + from)
                    : Status(from_errno(errno, "linking " + from + " to " + to));
    }
    base::crash_point("storage.link.before_sync");
    SLUICE_RETURN_IF_ERROR(sync_dir(parent_of(to)));
    base::crash_point("storage.link.after");
    return {};
  }

  Result<CopiedFile> hash(const std::string& path) override {
    SLUICE_ASSIGN_OR_RETURN(const Descriptor source, Descriptor::open(path, O_RDONLY, "opening"));
    return hash_through(source.get(), path, -1, "");
  }

  Status rename_durable(const std::string& from, const std::string& to) override {
    return move_into_place(from, to);
  }

  Status remove(const std::string& path) override {
    base::crash_point("storage.remove.before");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return from_errno(errno, "removing " + path);
    }
    base::crash_point("storage.remove.after");
    return {};
  }

  Status remove_all(const std::string& dir) override {
    base::crash_point("storage.remove_all.before");
    std::error_code error;
    std::filesystem::remove_all(dir, error);
    base::crash_point("storage.remove_all.after");
    return error ? Status(from_errno(error.value(), "removing " + dir)) : Status();
  }

  Status sync_file(const std::string& path) override {
    base::crash_point("storage.sync_file.before");
    SLUICE_ASSIGN_OR_RETURN(const Descriptor file, Descriptor::open(path, O_RDONLY, "opening"));
    return sync_fd(file.get(), path);
  }

  Status sync_dir(const std::string& dir) override {
    SLUICE_ASSIGN_OR_RETURN(const Descriptor folder,
                            Descriptor::open(dir, O_RDONLY | O_DIRECTORY, "opening folder"));
    return sync_fd(folder.get(), dir);
  }

  Status write_all_new(std::span<const NewFile> files) override {
    base::crash_point("storage.write_all_new.before");
    std::vector<Status> outcomes(files.size());
    write_side_by_side(files, outcomes);
    Status status;
    std::vector<std::string> folders;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!outcomes[i] && status) {
        status = outcomes[i];
      }
      folders.push_back(parent_of(files[i].path));
    }
    std::sort(folders.begin(), folders.end());
    folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
    for (std::size_t i = 0; status && i < folders.size(); ++i) {
      status = sync_dir(folders[i]);
    }
    if (!status) {
      for (std::size_t i = 0; i < files.size(); ++i) {
        if (outcomes[i]) {
          ::unlink(files[i].path.c_str());
        }
      }
      return status;
    }
    base::crash_point("storage.write_all_new.after");
    return {};
  }

  Result<std::int64_t> free_bytes(const std::string& path) override {
    struct statvfs info = {};
    if (::statvfs(path.c_str(), &info) != 0) {
      return from_errno(errno, "looking at the disk of " + path);
    }
    return static_cast<std::int64_t>(info.f_bavail) * static_cast<std::int64_t>(info.f_frsize);
  }

 private:
  static constexpr int kDepthMax = 64;

  /// A file that vanishes while we list is left out; a folder that may not be read is an error.
  Status list_into(const std::string& dir, bool recursive, int depth,
                   std::vector<ListedFile>& files) {
    if (depth > kDepthMax) {
      return base::invalid_input(fmt::format("{}: folders nest deeper than {}", dir, kDepthMax));
    }
    DIR* opened = ::opendir(dir.c_str());
    if (opened == nullptr) {
      return from_errno(errno, "listing " + dir);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(opened)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") {
        names.push_back(name);
      }
    }
    ::closedir(opened);
    for (const std::string& name : names) {
      const std::string path = join_path(dir, name);
      const auto info = stat(path);
      if (!info) {
        continue;
      }
      if (info->is_dir && recursive) {
        SLUICE_RETURN_IF_ERROR(list_into(path, recursive, depth + 1, files));
      } else {
        files.push_back({path, *info});
      }
    }
    return {};
  }

  /// Reads a file to its end, hashing it and writing it to `target` unless that is -1.
  static Result<CopiedFile> hash_through(int source, const std::string& from, int target,
                                         const std::string& to) {
    ::posix_fadvise(source, 0, 0, POSIX_FADV_SEQUENTIAL);
    base::Sha256 sha;
    CopiedFile copied;
    std::string block(kCopyBlock, '\0');
    while (true) {
      const ssize_t got = ::read(source, block.data(), block.size());
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return from_errno(errno, "reading " + from);
      }
      if (got == 0) {
        break;
      }
      const std::string_view piece(block.data(), static_cast<std::size_t>(got));
      sha.update(piece);
      copied.bytes += got;
      if (target >= 0) {
        SLUICE_RETURN_IF_ERROR(write_fully(target, piece, to));
      }
    }
    copied.sha256 = sha.hex();
    return copied;
  }

  Status move_into_place(const std::string& from, const std::string& to) {
    base::crash_point("storage.rename.before");
    if (::rename(from.c_str(), to.c_str()) != 0) {
      const Status failed = from_errno(errno, "renaming " + from + " to " + to);
      return failed;
    }
    base::crash_point("storage.rename.before_sync");
    SLUICE_RETURN_IF_ERROR(sync_dir(parent_of(to)));
    base::crash_point("storage.rename.after");
    return {};
  }

  /// Each thread takes every n-th file: the time is that of the disk's slowest syncs, not their
  /// sum.
  static void write_side_by_side(std::span<const NewFile> files, std::vector<Status>& outcomes) {
    const std::size_t writers = std::min(files.size(), kWritersMax);
    const auto work = [&](std::size_t first) {
      for (std::size_t i = first; i < files.size(); i += writers) {
        outcomes[i] = write_content(files[i].path, files[i].bytes);
      }
    };
    std::vector<std::jthread> threads;
    for (std::size_t w = 1; w < writers; ++w) {
      threads.emplace_back(work, w);
    }
    if (writers > 0) {
      work(0);
    }
  }
};

}  // namespace

std::unique_ptr<FileIo> make_local_file_io() { return std::make_unique<LocalFileIo>(); }

}  // namespace sluice::storage
