#include "sluice/decode/internal/utf8.h"

#include <cstdint>
#include <cstring>

namespace sluice::decode {

namespace {

/// Length of the character at the front of `bytes`, 0 when it is none, or NUL.
std::size_t character_bytes(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto continues = [&](std::size_t i) {
    return i < bytes.size() && (byte(i) & 0xC0) == 0x80;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return first == 0 ? 0 : 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return continues(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) {
      return 0;
    }
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) {
      return 0;
    }
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_high = first == 0xF4 && byte(1) >= 0x90;
    return overlong || too_high ? 0 : 4;
  }
  return 0;
}

/// Says whether eight bytes are all in 0x01..0x7F.
bool is_plain_word(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  return ((word | (word - kOnes)) & kHigh) == 0;
}

}  // namespace

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bytes.size() >= 8 && is_plain_word(bytes.data())) {
      bytes.remove_prefix(8);
      continue;
    }
    const std::size_t length = character_bytes(bytes);
    if (length == 0) {
      return false;
    }
    bytes.remove_prefix(length);
  }
  return true;
}

std::string escape_text(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() <= bytes_max && is_text(bytes)) {
    return std::string(bytes);
  }
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = character_bytes(bytes);
    if (text.size() + (length == 0 ? 4 : length) > bytes_max) {
      break;
    }
    if (length == 0) {
      const auto byte = static_cast<unsigned char>(bytes[0]);
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

}  // namespace sluice::decode
