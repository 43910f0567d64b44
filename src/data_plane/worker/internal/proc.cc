#include "sluice/worker/internal/proc.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "sluice/worker/unique_fd.h"

namespace sluice::worker::internal {
namespace {

std::optional<std::string> read_whole(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return std::nullopt;
  }
  std::string text;
  std::array<char, 4096> chunk;
  while (true) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return std::nullopt;
    }
    if (got == 0) {
      return text;
    }
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::optional<Memory> memory_of(pid_t pid) {
  const std::string process = pid == 0 ? "self" : std::to_string(pid);
  const auto text = read_whole("/proc/" + process + "/statm");
  if (!text) {
    return std::nullopt;
  }
  std::istringstream numbers(*text);
  std::int64_t size = 0;
  std::int64_t resident = 0;
  std::int64_t shared = 0;
  if (!(numbers >> size >> resident >> shared)) {
    return std::nullopt;
  }
  static const std::int64_t kPage = ::sysconf(_SC_PAGESIZE);
  return Memory{resident * kPage, (resident - shared) * kPage};
}

std::optional<std::int64_t> proc_self_number(const char* file, const std::string& name) {
  const auto text = read_whole(std::string("/proc/self/") + file);
  if (!text) {
    return std::nullopt;
  }
  const std::string key = "\n" + name + ":";
  const std::string lines = "\n" + *text;
  std::size_t at = lines.find(key);
  if (at == std::string::npos) {
    return std::nullopt;
  }
  at = lines.find_first_of("0123456789", at + key.size());
  std::int64_t number = 0;
  if (at == std::string::npos ||
      std::from_chars(lines.data() + at, lines.data() + lines.size(), number).ec != std::errc()) {
    return std::nullopt;
  }
  return number;
}

bool reset_memory_peak() {
  const UniqueFd file(::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), "5", 1) == 1;
}

}  // namespace sluice::worker::internal
