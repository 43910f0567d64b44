#include "sluice/decode/internal/refusal.h"

#include <algorithm>

namespace sluice::decode {

namespace {

constexpr char kUnitSeparator = '\x1f';  // marks and parts a packed refusal

std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::string without_separator(std::string text) {
  std::replace(text.begin(), text.end(), kUnitSeparator, ' ');
  return text;
}

}  // namespace

std::string pack_refusal(const Refusal& refusal) {
  std::string packed(1, kUnitSeparator);
  packed += refusal.rule;
  packed += kUnitSeparator;
  packed += without_separator(refusal.column);
  packed += kUnitSeparator;
  packed += refusal.reason;
  return packed;
}

Refusal read_refusal(std::string_view text) {
  char separator = '|';
  if (text.starts_with(kUnitSeparator)) {
    separator = kUnitSeparator;
    text.remove_prefix(1);
  }
  Refusal refusal;
  refusal.rule = take_part(text, separator);
  refusal.column = take_part(text, separator);
  refusal.reason = text;
  return refusal;
}

}  // namespace sluice::decode
