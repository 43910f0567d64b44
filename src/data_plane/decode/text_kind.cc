#include "sluice/decode/internal/text_kind.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "sluice/base/text.h"

namespace sluice::decode {

namespace {

constexpr int kDoubleDigits = 15;  // that any double gives back
constexpr std::size_t kNumberBytesMax = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) {
    ++end;
  }
  return end - at;
}

/// Digits between the first and the last one that is not zero.
int significant_digits(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    if (is_digit(c)) {
      digits += c;
    }
  }
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? 0
                                    : static_cast<int>(digits.find_last_not_of('0') - first + 1);
}

std::optional<TextReading> read_number(std::string_view text) {
  if (text.empty() || text.size() > kNumberBytesMax) {
    return std::nullopt;
  }
  TextReading reading;
  std::size_t at = text.front() == '-' ? 1 : 0;
  const std::size_t whole = digits_at(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) {
    return std::nullopt;
  }
  reading.whole_digits = static_cast<int>(whole);
  at += whole;
  reading.kind = TextKind::kInteger;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_at(text, at + 1);
    if (fraction == 0) {
      return std::nullopt;
    }
    reading.kind = TextKind::kFraction;
    reading.scale = static_cast<int>(fraction);
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1 : 0;
    const std::size_t exponent = digits_at(text, at);
    if (exponent == 0 || exponent > 3) {
      return std::nullopt;
    }
    reading.kind = TextKind::kExponent;
    at += exponent;
  }
  if (at != text.size()) {
    return std::nullopt;
  }
  const std::string copy(text);
  reading.order = std::strtold(copy.c_str(), nullptr);
  // A minus in front of zero is lost in a whole or decimal number, a value beyond a double's range
  // in a double.
  if (text.front() == '-' && reading.order == 0) {
    return std::nullopt;
  }
  if (reading.kind == TextKind::kExponent) {
    const double value = std::strtod(copy.c_str(), nullptr);
    const bool in_range = std::isfinite(value) && (value != 0 || significant_digits(text) == 0);
    if (!in_range) {
      return std::nullopt;
    }
  }
  reading.double_holds = significant_digits(text) <= kDoubleDigits;
  return reading;
}

struct Word {
  std::string_view text;
  TextKind kind;
};

constexpr std::array<Word, 9> kWords = {{
    {"true", TextKind::kBoolean},
    {"false", TextKind::kBoolean},
    {"nan", TextKind::kNoNumber},
    {"inf", TextKind::kNoNumber},
    {"-inf", TextKind::kNoNumber},
    {"+inf", TextKind::kNoNumber},
    {"infinity", TextKind::kNoNumber},
    {"-infinity", TextKind::kNoNumber},
    {"+infinity", TextKind::kNoNumber},
}};

/// Two digits of at most `limit`; -1 for anything else.
int two_digits(std::string_view text, std::size_t at, int limit) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) {
    return -1;
  }
  const int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return value <= limit ? value : -1;
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Days since 1970-01-01 of `YYYY-MM-DD` at the start of a text, by the Gregorian calendar.
std::optional<long> read_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || digits_at(text, 0) != 4) {
    return std::nullopt;
  }
  const int year = two_digits(text, 0, 99) * 100 + two_digits(text, 2, 99);
  const int month = two_digits(text, 5, 12);
  const int day = two_digits(text, 8, 31);
  if (year < 1 || month < 1 || day < 1 || day > days_in(year, month)) {
    return std::nullopt;
  }
  const long before = year - 1;
  long days = before * 365 + before / 4 - before / 100 + before / 400 - 719'162;
  for (int m = 1; m < month; ++m) {
    days += days_in(year, m);
  }
  return days + day - 1;
}

/// Reads what is behind a time: nothing, Z, or an offset of hours and perhaps minutes, in seconds.
std::optional<TextKind> read_zone(std::string_view zone, long double& offset_s) {
  if (zone.empty()) {
    return TextKind::kTimestamp;
  }
  if (zone == "Z") {
    return TextKind::kTimestamptz;
  }
  const int hours = zone[0] == '+' || zone[0] == '-' ? two_digits(zone, 1, 14) : -1;
  if (hours < 0) {
    return std::nullopt;
  }
  int minutes = 0;
  if (zone.size() > 3) {
    const std::size_t at = zone[3] == ':' ? 4 : 3;
    minutes = two_digits(zone, at, 59);
    if (minutes < 0 || zone.size() != at + 2) {
      return std::nullopt;
    }
  }
  offset_s = (zone[0] == '-' ? -1 : 1) * (hours * 3600.0L + minutes * 60.0L);
  return TextKind::kTimestamptz;
}

std::optional<TextReading> read_moment(std::string_view text) {
  const auto days = read_date(text);
  if (!days) {
    return std::nullopt;
  }
  TextReading reading;
  reading.order = static_cast<long double>(*days) * 86'400;
  if (text.size() == 10) {
    reading.kind = TextKind::kDate;
    return reading;
  }
  const int hours = two_digits(text, 11, 23);
  if ((text[10] != 'T' && text[10] != ' ') || hours < 0 || text.size() < 16 || text[13] != ':') {
    return std::nullopt;
  }
  const int minutes = two_digits(text, 14, 59);
  int seconds = 0;
  std::size_t at = 16;
  long double fraction = 0;
  if (at < text.size() && text[at] == ':') {
    seconds = two_digits(text, at + 1, 59);
    at += 3;
    if (seconds >= 0 && at < text.size() && text[at] == '.') {
      const std::size_t digits = digits_at(text, at + 1);
      if (digits == 0 || digits > 6) {
        return std::nullopt;
      }
      fraction = std::strtold(("0" + std::string(text.substr(at, digits + 1))).c_str(), nullptr);
      at += 1 + digits;
    }
  } else if (at < text.size()) {
    return std::nullopt;  // an offset stands behind seconds only
  }
  if (minutes < 0 || seconds < 0) {
    return std::nullopt;
  }
  long double offset_s = 0;
  const auto kind = read_zone(text.substr(at), offset_s);
  if (!kind) {
    return std::nullopt;
  }
  reading.kind = *kind;
  reading.order += hours * 3600.0L + minutes * 60.0L + seconds + fraction - offset_s;
  return reading;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) {
      return false;
    }
  }
  return true;
}

}  // namespace

TextReading read_text(std::string_view text) {
  if (auto number = read_number(text)) {
    return *number;
  }
  if (auto moment = read_moment(text)) {
    return *moment;
  }
  if (text.size() <= 9) {
    const std::string lowered = base::lower(text);
    const auto* const word = std::find_if(kWords.begin(), kWords.end(),
                                          [&](const Word& known) { return known.text == lowered; });
    if (word != kWords.end()) {
      TextReading reading;
      reading.kind = word->kind;
      return reading;
    }
  }
  TextReading reading;
  reading.kind = is_uuid(text) ? TextKind::kUuid : TextKind::kOther;
  return reading;
}

}  // namespace sluice::decode
