#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/api/request_path.h"
#include "sluice/base/utf8.h"

/// A path that is accepted can leave no folder, and is text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path =
      sluice::api::parse_request_path(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!path) {
    return 0;
  }
  if (path->segments.empty()) {
    __builtin_trap();
  }
  for (const std::string& segment : path->segments) {
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find('/') != std::string::npos || segment.find('\0') != std::string::npos ||
        sluice::base::find_malformed_text(segment) != std::string_view::npos) {
      __builtin_trap();
    }
  }
  return 0;
}
