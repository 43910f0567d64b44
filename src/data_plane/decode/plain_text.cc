#include "sluice/decode/internal/plain_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace sluice::decode {

namespace {

constexpr std::size_t kDigitsMax = 18;  // what always fits into 64 bits
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;
constexpr int kOffsetHoursMax = 14;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads a fixed number of digits; -1 when one is none.
int read_digits(const char* text, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    if (!is_digit(text[i])) {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; March begins the year, so that leap
/// days end it.
std::int64_t days_of(int year, int month, int day) {
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = y / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Reads `HH:MM:SS` and a fraction of at most six digits from the front; what is behind is left.
std::optional<std::int64_t> take_time(std::string_view& text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') {
    return std::nullopt;
  }
  const int hour = read_digits(text.data(), 2);
  const int minute = read_digits(text.data() + 3, 2);
  const int second = read_digits(text.data() + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  text.remove_prefix(8);
  std::int64_t fraction = 0;
  if (text.starts_with('.')) {
    std::size_t digits = 0;
    std::int64_t unit = kSecondUs;
    while (digits + 1 < text.size() && is_digit(text[digits + 1])) {
      ++digits;
      unit /= 10;
      fraction += (text[digits] - '0') * unit;
      if (digits == 6) {
        break;
      }
    }
    if (digits == 0) {
      return std::nullopt;
    }
    text.remove_prefix(digits + 1);
  }
  return ((hour * 60 + minute) * std::int64_t{60} + second) * kSecondUs + fraction;
}

std::optional<std::int64_t> take_timestamp(std::string_view& text) {
  if (text.size() < 11 || (text[10] != 'T' && text[10] != ' ')) {
    return std::nullopt;
  }
  const auto days = read_date(text.substr(0, 10));
  text.remove_prefix(11);
  const auto time = take_time(text);
  return days && time ? std::optional(*days * kDayUs + *time) : std::nullopt;
}

/// Reads `Z`, `+HH` or `+HH:MM`, in microseconds east of Greenwich.
std::optional<std::int64_t> read_offset(std::string_view text) {
  if (text == "Z") {
    return 0;
  }
  if ((text.size() != 3 && text.size() != 6) || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const int hours = read_digits(text.data() + 1, 2);
  const int minutes = text.size() == 3 ? 0 : text[3] == ':' ? read_digits(text.data() + 4, 2) : -1;
  if (hours < 0 || hours > kOffsetHoursMax || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t offset = (hours * 60 + minutes) * 60 * kSecondUs;
  return text[0] == '-' ? -offset : offset;
}

template <class Number>
std::optional<Number> read_floating(std::string_view text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  if (text.size() <= first || !is_digit(text[first])) {
    return std::nullopt;
  }
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end && std::isfinite(value) ? std::optional(value)
                                                                        : std::nullopt;
}

int hex_digit(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::int64_t> read_whole(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) {
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > kDigitsMax) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

std::optional<std::int64_t> read_decimal(std::string_view text, int precision, int scale) {
  const bool negative = text.starts_with('-');
  if (negative) {
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  const std::size_t whole = point == std::string_view::npos ? text.size() : point;
  const std::size_t digits = point == std::string_view::npos ? 0 : text.size() - point - 1;
  const auto places = static_cast<std::size_t>(scale);
  const std::size_t significant = whole == 1 && text[0] == '0' ? 0 : whole;
  if (whole == 0 || significant > static_cast<std::size_t>(precision - scale) || digits > places ||
      (digits == 0 && point != std::string_view::npos) || whole + places > kDigitsMax) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == point) {
      continue;
    }
    if (!is_digit(text[i])) {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  for (std::size_t i = digits; i < places; ++i) {
    value *= 10;
  }
  return negative ? -value : value;
}

std::optional<double> read_double(std::string_view text) { return read_floating<double>(text); }

std::optional<float> read_float(std::string_view text) { return read_floating<float>(text); }

std::optional<bool> read_boolean(std::string_view text) {
  const auto spells = [text](std::string_view word) {
    return text.size() == word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
             return a == b || (a >= 'A' && a <= 'Z' && static_cast<char>(a | 0x20) == b);
           });
  };
  if (spells("true") || spells("t") || text == "1") {
    return true;
  }
  return spells("false") || spells("f") || text == "0" ? std::optional(false) : std::nullopt;
}

std::optional<std::int64_t> read_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const int year = read_digits(text.data(), 4);
  const int month = read_digits(text.data() + 5, 2);
  const int day = read_digits(text.data() + 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
    return std::nullopt;
  }
  return days_of(year, month, day);
}

std::optional<std::int64_t> read_time(std::string_view text) {
  const auto time = take_time(text);
  return text.empty() ? time : std::nullopt;
}

std::optional<std::int64_t> read_timestamp(std::string_view text) {
  const auto timestamp = take_timestamp(text);
  return text.empty() ? timestamp : std::nullopt;
}

std::optional<std::int64_t> read_timestamptz(std::string_view text) {
  const auto timestamp = take_timestamp(text);
  const auto offset = timestamp ? read_offset(text) : std::nullopt;
  return offset ? std::optional(*timestamp - *offset) : std::nullopt;
}

std::optional<PlainUuid> read_uuid(std::string_view text) {
  if (text.size() != 36) {
    return std::nullopt;
  }
  std::array<std::uint64_t, 2> halves{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash != (text[i] == '-')) {
      return std::nullopt;
    }
    if (is_dash) {
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      return std::nullopt;
    }
    halves[digits / 16] = halves[digits / 16] << 4 | static_cast<std::uint64_t>(digit);
    ++digits;
  }
  return PlainUuid{halves[1], halves[0] ^ (std::uint64_t{1} << 63)};
}

}  // namespace sluice::decode
