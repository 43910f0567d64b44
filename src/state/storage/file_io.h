#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::storage {

struct FileStat {
  std::int64_t bytes = 0;
  std::int64_t modified_us = 0;  // since 1970, UTC
  bool is_dir = false;
  std::int64_t links = 1;  // names that the file has
};

struct ListedFile {
  std::string path;  // as given to list(), then `/` and the name below it
  FileStat stat;
};

/// What a durable copy found while it copied.
struct CopiedFile {
  std::string sha256;  // lower-case hex of the whole content
  std::int64_t bytes = 0;
};

/// The port to files. Paths are absolute. What a call says is durable survives the machine. Errors
/// carry the path: kNotFound, kAlreadyExists, kUnauthorized, kExhausted (no space; what the call
/// had begun is removed), kUnavailable (the device failed), kCorrupt never. Thread-safe.
class FileIo {
 public:
  virtual ~FileIo() = default;

  /// Reads a whole file; kExhausted when it is larger than `bytes_max`.
  virtual base::Result<std::string> read_all(const std::string& path, std::int64_t bytes_max) = 0;
  /// Reads into the caller's memory from an offset; fewer bytes than fit only at the end.
  virtual base::Result<std::size_t> read_into(const std::string& path, std::int64_t offset,
                                              std::span<char> to) = 0;
  /// Reads up to `bytes` from `offset`; shorter only at the end of the file.
  virtual base::Result<std::string> read_range(const std::string& path, std::int64_t offset,
                                               std::int64_t bytes) = 0;
  virtual base::Result<FileStat> stat(const std::string& path) = 0;
  /// Says whether anything has that name; an error only where that cannot be known.
  virtual base::Result<bool> exists(const std::string& path) = 0;

  /// Lists a folder, ordered by path; with `recursive` every file below it and no folders. A folder
  /// that is not there is kNotFound.
  virtual base::Result<std::vector<ListedFile>> list(const std::string& dir, bool recursive) = 0;

  /// Makes a folder and those above it, durably. One that exists is fine.
  virtual base::Status make_dirs(const std::string& dir) = 0;
  /// Writes a file that must not exist. The content is durable, its name only after sync_dir().
  virtual base::Status write_new(const std::string& path, std::string_view bytes) = 0;
  /// Replaces or makes a file so that at any moment either content is there; durable.
  virtual base::Status write_atomic(const std::string& path, std::string_view bytes) = 0;
  /// Adds to the end of a file, making it when it is not there. Not durable: what was added last
  /// may be lost with the machine, or be cut short.
  virtual base::Status append(const std::string& path, std::string_view bytes) = 0;
  /// Copies a file while hashing it; the new file appears whole, under its name, durable. An
  /// existing target is replaced.
  virtual base::Result<CopiedFile> copy_durable(const std::string& from, const std::string& to) = 0;
  /// Gives a file a second name, durably, and makes its content durable. kAlreadyExists when the
  /// name is taken; kUnsupported where the file system cannot (another disk, no hard links) or
  /// `from` is a symbolic link: copy it then.
  virtual base::Status link_durable(const std::string& from, const std::string& to) = 0;
  virtual base::Result<CopiedFile> hash(const std::string& path) = 0;
  virtual base::Status rename_durable(const std::string& from, const std::string& to) = 0;

  /// Removes a file; one that is not there is fine.
  virtual base::Status remove(const std::string& path) = 0;
  /// Removes a folder and everything below it; one that is not there is fine.
  virtual base::Status remove_all(const std::string& dir) = 0;

  /// Makes the content of a file that somebody else wrote durable.
  virtual base::Status sync_file(const std::string& path) = 0;
  /// Makes the names in a folder durable.
  virtual base::Status sync_dir(const std::string& dir) = 0;
  /// Writes several new files and makes their content durable side by side, then their folders.
  struct NewFile {
    std::string path;
    std::string_view bytes;
  };
  virtual base::Status write_all_new(std::span<const NewFile> files) = 0;

  /// Bytes that may still be written below `path`.
  virtual base::Result<std::int64_t> free_bytes(const std::string& path) = 0;
};

/// Says whether a name is that of a file which write_atomic() or copy_durable() was making.
bool is_temporary(std::string_view path);

/// Joins path parts with one `/`.
std::string join_path(std::string_view dir, std::string_view name);
/// Returns everything before the last `/`, or "/".
std::string parent_of(std::string_view path);
/// Strips `file://`; kUnsupported, naming the scheme, for any other one.
base::Result<std::string> local_path(std::string_view uri);
/// Writes an absolute path as a `file://` URI.
std::string file_uri(std::string_view path);

}  // namespace sluice::storage
