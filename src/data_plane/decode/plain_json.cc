#include "sluice/decode/internal/plain_json.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "sluice/decode/internal/utf8.h"

namespace sluice::decode {

namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

std::uint64_t load(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

/// High bits of the bytes that end a plain run of a string: a quote, a backslash or a control
/// character. Those above the lowest one may be wrong.
std::uint64_t string_stops(std::uint64_t word) {
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  return (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
          ((word - kOnes * 0x20) & ~word)) &
         kHighs;
}

bool ends_number(char c) { return c == ',' || c == '}' || c == ' '; }

}  // namespace

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      ++at;
    }
    return at > from;
  };
  at += text.starts_with('-') ? 1 : 0;
  const std::size_t whole = at;
  if (!digits() || (text[whole] == '0' && at > whole + 1)) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) {
      return false;
    }
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1 : 0;
    if (!digits()) {
      return false;
    }
  }
  return at == text.size();
}

PlainJson::PlainJson(const std::vector<job::DecodeColumn>& columns)
    : columns_(columns), seen_(columns.size()) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    places_.emplace(columns[i].name, i);
  }
}

bool PlainJson::read(std::string_view text, std::vector<std::optional<std::string_view>>& values) {
  at_ = text.data();
  end_ = text.data() + text.size();
  is_ascii_ = true;
  ++object_;
  return take('{') && read_fields(values) && at_ == end_ && (is_ascii_ || is_text(text));
}

bool PlainJson::read_fields(std::vector<std::optional<std::string_view>>& values) {
  skip_spaces();
  if (take('}')) {
    return true;
  }
  std::size_t column = 0;  // objects of a file mostly have their keys in one order
  for (;; ++column) {
    if (!read_key(column) || !read_value(column, values[column])) {
      return false;
    }
    skip_spaces();
    if (take('}')) {
      return true;
    }
    if (!take(',')) {
      return false;
    }
    skip_spaces();
  }
}

/// Reads a key and its colon. `column` is the one that is expected, and becomes the one that it is.
bool PlainJson::read_key(std::size_t& column) {
  std::string_view key;
  if (column < columns_.size()) {
    key = columns_[column].name;
  }
  const auto left = static_cast<std::size_t>(end_ - at_);
  const bool expected = column < columns_.size() && left > key.size() + 2 && at_[0] == '"' &&
                        at_[key.size() + 1] == '"' &&
                        std::memcmp(at_ + 1, key.data(), key.size()) == 0;
  if (expected) {
    at_ += key.size() + 2;
  } else {
    if (!read_string(key)) {
      return false;
    }
    const auto found = places_.find(key);
    if (found == places_.end()) {
      return false;
    }
    column = found->second;
  }
  if (seen_[column] == object_) {
    return false;
  }
  seen_[column] = object_;
  skip_spaces();
  if (!take(':')) {
    return false;
  }
  skip_spaces();
  return true;
}

bool PlainJson::read_value(std::size_t column, std::optional<std::string_view>& value) {
  if (at_ == end_ || data::is_nested(columns_[column].type)) {
    return false;
  }
  const bool is_string = columns_[column].type.kind == data::TypeKind::kString;
  std::string_view text;
  if (*at_ == '"') {
    if (!read_string(text)) {
      return false;
    }
    value = text;
    return true;
  }
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (rest.starts_with("null")) {
    at_ += 4;
    return true;
  }
  if (is_string) {
    return false;
  }
  if (rest.starts_with("true") || rest.starts_with("false")) {
    text = rest.substr(0, rest[0] == 't' ? 4 : 5);
    at_ += text.size();
  } else if (!read_number(text)) {
    return false;
  }
  value = text;
  return true;
}

bool PlainJson::read_string(std::string_view& text) {
  if (!take('"')) {
    return false;
  }
  const char* from = at_;
  while (at_ < end_) {
    const std::uint64_t word = load(at_);
    const std::uint64_t stops = string_stops(word);
    is_ascii_ = is_ascii_ && (word & kHighs) == 0;
    if (stops == 0) {
      at_ += 8;
      continue;
    }
    at_ += std::countr_zero(stops) / 8;
    text = {from, static_cast<std::size_t>(at_ - from)};
    return at_ < end_ && take('"');
  }
  return false;
}

bool PlainJson::read_number(std::string_view& text) {
  const char* from = at_;
  while (at_ < end_ && !ends_number(*at_)) {
    ++at_;
  }
  text = {from, static_cast<std::size_t>(at_ - from)};
  return is_json_number(text);
}

bool PlainJson::take(char c) {
  if (at_ < end_ && *at_ == c) {
    ++at_;
    return true;
  }
  return false;
}

void PlainJson::skip_spaces() {
  while (at_ < end_ && *at_ == ' ') {
    ++at_;
  }
}

}  // namespace sluice::decode
