#include <fmt/format.h>

#include "sluice/storage/file_io.h"
#include "sluice/storage/internal/temporary_mark.h"

namespace sluice::storage {

bool is_temporary(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find(kTemporaryMark) != std::string_view::npos;
}

std::string join_path(std::string_view dir, std::string_view name) {
  std::string path(dir);
  if (!path.ends_with('/')) {
    path += '/';
  }
  return path + std::string(name);
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0) {
    return "/";
  }
  return std::string(path.substr(0, slash));
}

base::Result<std::string> local_path(std::string_view uri) {
  if (uri.starts_with("file://")) {
    return std::string(uri.substr(7));
  }
  if (uri.starts_with("file:/")) {
    return std::string(uri.substr(5));
  }
  if (uri.starts_with('/')) {
    return std::string(uri);
  }
  return base::unsupported(fmt::format("'{}' is not a local file; only file:// is supported", uri));
}

std::string file_uri(std::string_view path) { return "file://" + std::string(path); }

}  // namespace sluice::storage
