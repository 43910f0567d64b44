#include "sluice/lake/code_points.h"

#include <cstdint>
#include <vector>

namespace sluice::lake {

namespace {

constexpr std::uint32_t kCodePointMax = 0x10FFFF;
constexpr std::uint32_t kSurrogateFirst = 0xD800;
constexpr std::uint32_t kSurrogateLast = 0xDFFF;

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

Decoded decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    return {first, 1};
  }
  const std::size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (first < 0xC2 || first > 0xF4 || text.size() < length) {
    return {};
  }
  std::uint32_t code_point = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) {
      return {};
    }
    code_point = code_point << 6 | (next & 0x3FU);
  }
  const bool overlong =
      (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= kSurrogateFirst && code_point <= kSurrogateLast;
  return overlong || surrogate || code_point > kCodePointMax ? Decoded{}
                                                             : Decoded{code_point, length};
}

void append(std::uint32_t code_point, std::string& out) {
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::string_view code_point_prefix(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < count && end < text.size(); ++i) {
    const std::size_t length = decode(text.substr(end)).length;
    end += length == 0 ? 1 : length;
  }
  return text.substr(0, end);
}

std::string successor_of_prefix(std::string_view prefix) {
  std::vector<std::uint32_t> code_points;
  for (std::size_t at = 0; at < prefix.size();) {
    const Decoded decoded = decode(prefix.substr(at));
    if (decoded.length == 0) {
      return {};
    }
    code_points.push_back(decoded.code_point);
    at += decoded.length;
  }
  while (!code_points.empty() && code_points.back() == kCodePointMax) {
    code_points.pop_back();
  }
  if (code_points.empty()) {
    return {};
  }
  std::uint32_t& last = code_points.back();
  last = last + 1 == kSurrogateFirst ? kSurrogateLast + 1 : last + 1;
  std::string text;
  for (const std::uint32_t code_point : code_points) {
    append(code_point, text);
  }
  return text;
}

}  // namespace sluice::lake
