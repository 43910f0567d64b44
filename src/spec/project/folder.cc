#include "sluice/project/internal/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "sluice/base/text.h"

namespace sluice::project::internal {

namespace fs = std::filesystem;

namespace {

struct OpenFile {
  int descriptor = -1;

  explicit OpenFile(int opened) : descriptor(opened) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
};

base::Status list_into(const fs::path& root, const std::string& folder, std::string_view suffix,
                       std::vector<std::string>& files) {
  std::error_code error;
  fs::directory_iterator entries(root / folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.starts_with('.')) {
      continue;
    }
    const std::string relative = (fs::path(folder) / name).generic_string();
    std::error_code kind_error;
    if (entries->is_directory(kind_error)) {
      SLUICE_RETURN_IF_ERROR(list_into(root, relative, suffix, files));
    } else if (name.ends_with(suffix)) {
      files.push_back(relative);
    }
  }
  if (error) {
    return base::from_errno(error.value(), "cannot list '" + folder + "'");
  }
  return base::ok_status();
}

}  // namespace

base::Result<std::vector<std::string>> list_files(const fs::path& root, const std::string& folder,
                                                  std::string_view suffix) {
  std::vector<std::string> files;
  std::error_code error;
  if (!fs::exists(root / folder, error) && !error) {
    return files;
  }
  SLUICE_RETURN_IF_ERROR(list_into(root, folder, suffix, files));
  std::sort(files.begin(), files.end());
  return files;
}

base::Result<std::string> read_text(const fs::path& path) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (file.descriptor < 0 || ::fstat(file.descriptor, &info) != 0) {
    return base::from_errno(errno, "cannot read '" + path.string() + "'");
  }
  if (!S_ISREG(info.st_mode)) {
    return base::invalid_input("'" + path.string() + "' is no file");
  }
  if (static_cast<std::uint64_t>(info.st_size) > kProjectFileBytesMax) {
    return base::exhausted("'" + path.string() + "' is larger than " +
                           base::format_bytes(kProjectFileBytesMax));
  }
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(file.descriptor, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::from_errno(errno, "cannot read '" + path.string() + "'");
    }
    if (got == 0) {
      break;  // shortened while we read; what is there is what counts
    }
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

}  // namespace sluice::project::internal
