#include "sluice/ingest/raw_files.h"

#include <fmt/format.h>

namespace sluice::ingest {

bool is_referenced(const lake::LandedFile& file) { return file.raw_path == file.original_name; }

std::optional<std::string> raw_problem(storage::FileIo& files, const lake::LandedFile& file,
                                       RawCheck check) {
  const std::string what =
      fmt::format("{} (landed file {} of {})", file.raw_path, file.seq, file.source);
  const auto stat = files.stat(file.raw_path);
  if (!stat && stat.error().kind == base::ErrorKind::kNotFound) {
    return what + " is gone";
  }
  if (!stat) {
    return what + " cannot be read: " + stat.error().message;
  }
  if (stat->bytes != file.bytes) {
    return fmt::format("{} has {} bytes, but {} were landed", what, stat->bytes, file.bytes);
  }
  const bool touched = is_referenced(file) && stat->modified_us != file.modified_at_us;
  if (check == RawCheck::kPresence && !touched) {
    return std::nullopt;
  }
  const auto content = files.hash(file.raw_path);
  if (!content) {
    return what + " cannot be read: " + content.error().message;
  }
  if (content->sha256 != file.sha256) {
    return what + " has changed since it was landed";
  }
  return std::nullopt;
}

}  // namespace sluice::ingest
