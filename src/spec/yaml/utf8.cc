#include "sluice/yaml/internal/utf8.h"

#include "sluice/base/utf8.h"

namespace sluice::yaml::internal {

namespace {

bool is_allowed_ascii(unsigned char byte) {
  return byte >= 0x20 ? byte != 0x7F : byte == '\t' || byte == '\n' || byte == '\r';
}

}  // namespace

std::size_t find_unprintable(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if (!is_allowed_ascii(byte)) {
        return at;
      }
      ++at;
      continue;
    }
    const std::size_t length = base::utf8_length(text, at);
    if (length == 0) {
      return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace sluice::yaml::internal
