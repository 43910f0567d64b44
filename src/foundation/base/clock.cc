#include "sluice/base/clock.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>

namespace sluice::base {

namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000;
constexpr std::int64_t kUsPerDay = 86'400 * kUsPerSecond;

/// Reads exactly `digits` digits at `pos` and moves past them.
std::optional<int> read_digits(std::string_view text, std::size_t& pos, int digits) {
  if (pos + digits > text.size()) {
    return std::nullopt;
  }
  int value = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = text[pos + i];
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  pos += digits;
  return value;
}

bool take(std::string_view text, std::size_t& pos, char expected) {
  if (pos < text.size() && text[pos] == expected) {
    ++pos;
    return true;
  }
  return false;
}

/// Reads `.ffffff` (1 to 9 digits, cut to microseconds) if there is one.
std::optional<std::int64_t> read_fraction_us(std::string_view text, std::size_t& pos) {
  if (!take(text, pos, '.')) {
    return 0;
  }
  std::int64_t us = 0;
  int digits = 0;
  while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
    if (digits < 6) {
      us = us * 10 + (text[pos] - '0');
    }
    ++digits;
    ++pos;
  }
  if (digits == 0 || digits > 9) {
    return std::nullopt;
  }
  for (int i = digits; i < 6; ++i) {
    us *= 10;
  }
  return us;
}

/// Reads the offset from UTC in seconds; nothing left means UTC.
std::optional<int> read_offset_s(std::string_view text, std::size_t& pos) {
  if (pos == text.size() || take(text, pos, 'Z')) {
    return 0;
  }
  const int sign = text[pos] == '-' ? -1 : 1;
  if (text[pos] != '-' && text[pos] != '+') {
    return std::nullopt;
  }
  ++pos;
  const auto hours = read_digits(text, pos, 2);
  take(text, pos, ':');
  const auto minutes = pos == text.size() ? std::optional<int>(0) : read_digits(text, pos, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return sign * (*hours * 3600 + *minutes * 60);
}

int days_in_month(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<std::int64_t> read_date_days(std::string_view text, std::size_t& pos) {
  const auto year = read_digits(text, pos, 4);
  if (!year || !take(text, pos, '-')) {
    return std::nullopt;
  }
  const auto month = read_digits(text, pos, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, pos, '-')) {
    return std::nullopt;
  }
  const auto day = read_digits(text, pos, 2);
  if (!day || *day < 1 || *day > days_in_month(*year, *month)) {
    return std::nullopt;
  }
  return days_from_civil(*year, *month, *day);
}

std::optional<std::int64_t> read_time_us(std::string_view text, std::size_t& pos) {
  const auto hour = read_digits(text, pos, 2);
  if (!hour || *hour > 23 || !take(text, pos, ':')) {
    return std::nullopt;
  }
  const auto minute = read_digits(text, pos, 2);
  if (!minute || *minute > 59) {
    return std::nullopt;
  }
  std::int64_t us = (*hour * 3600 + *minute * 60) * kUsPerSecond;
  if (take(text, pos, ':')) {
    const auto second = read_digits(text, pos, 2);
    const auto fraction = second ? read_fraction_us(text, pos) : std::nullopt;
    if (!second || *second > 59 || !fraction) {
      return std::nullopt;
    }
    us += *second * kUsPerSecond + *fraction;
  }
  return us;
}

}  // namespace

Timestamp SystemClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

std::int64_t SystemClock::monotonic_ns() const {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count();
}

void ManualClock::advance_us(std::int64_t us) {
  now_.us += us;
  monotonic_ns_ += us * 1000;
}

// Days are counted in 400-year eras that begin on 1 March, so that a leap day ends its year
// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
std::int64_t days_from_civil(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t z = days + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  const int year = static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
  return {year, month, day};
}

std::string format_iso8601(Timestamp at) {
  std::int64_t days = at.us / kUsPerDay;
  std::int64_t rest = at.us % kUsPerDay;
  if (rest < 0) {
    rest += kUsPerDay;
    --days;
  }
  const CivilDate date = civil_from_days(days);
  const std::int64_t seconds = rest / kUsPerSecond;
  const std::int64_t fraction = rest % kUsPerSecond;
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month,
                                 date.day, seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0) {
    text += fmt::format(".{:06}", fraction);
  }
  return text + "Z";
}

Result<Timestamp> parse_iso8601(std::string_view text) {
  const auto bad = [&] {
    return invalid_input(
        fmt::format("'{}' is not a time; write 2013-01-31 or 2013-01-31T05:00:00Z", text));
  };
  std::size_t pos = 0;
  const auto days = read_date_days(text, pos);
  if (!days) {
    return bad();
  }
  if (pos == text.size()) {
    return Timestamp{*days * kUsPerDay};
  }
  if (!take(text, pos, 'T') && !take(text, pos, ' ')) {
    return bad();
  }
  const auto time_us = read_time_us(text, pos);
  const auto offset_s = time_us ? read_offset_s(text, pos) : std::nullopt;
  if (!time_us || !offset_s || pos != text.size()) {
    return bad();
  }
  return Timestamp{*days * kUsPerDay + *time_us - *offset_s * kUsPerSecond};
}

Result<std::int64_t> parse_duration_us(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(end - text.data());
  std::int64_t unit_us = 0;
  if (unit == "ms") {
    unit_us = 1000;
  } else if (unit == "s") {
    unit_us = kUsPerSecond;
  } else if (unit == "m") {
    unit_us = 60 * kUsPerSecond;
  } else if (unit == "h") {
    unit_us = 3600 * kUsPerSecond;
  } else if (unit == "d") {
    unit_us = kUsPerDay;
  }
  std::int64_t product = 0;
  if (error != std::errc() || unit_us == 0 || count < 0 ||
      __builtin_mul_overflow(count, unit_us, &product)) {
    return invalid_input(
        fmt::format("'{}' is not a duration; write 250ms, 90s, 5m, 36h or 7d", text));
  }
  return product;
}

}  // namespace sluice::base
