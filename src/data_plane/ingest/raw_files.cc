#include "sluice/ingest/raw_files.h"

#include <fmt/format.h>

namespace sluice::ingest {

bool is_referenced(const lake::LandedFile& file) { return file.raw_path == file.original_name; }

std::optional<std::string> raw_problem(storage::FileIo& files, const lake::LandedFile& file,
                                       RawCheck check) {
  if (file.raw_bytes == 0) {
    return std::nullopt;  // records were erased, and the file with them
  }
  const std::int64_t bytes = file.raw_bytes.value_or(file.bytes);
  const std::string what =
      fmt::format("{} (landed file {} of {})", file.raw_path, file.seq, file.source);
  const auto stat = files.stat(file.raw_path);
  if (!stat && stat.error().kind == base::ErrorKind::kNotFound) {
    return what + " is gone";
  }
  if (!stat) {
    return what + " cannot be read: " + stat.error().message;
  }
  if (stat->bytes != bytes) {
    return fmt::format("{} has {} bytes, but {} were landed", what, stat->bytes, bytes);
  }
  const bool touched = is_referenced(file) && stat->modified_us != file.modified_at_us;
  if (check == RawCheck::kPresence && !touched) {
    return std::nullopt;
  }
  const auto content = files.hash(file.raw_path);
  if (!content) {
    return what + " cannot be read: " + content.error().message;
  }
  if (content->sha256 != file.raw_sha256.value_or(file.sha256)) {
    return what + " has changed since it was landed";
  }
  return std::nullopt;
}

}  // namespace sluice::ingest
