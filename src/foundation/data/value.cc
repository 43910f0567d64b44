#include "sluice/data/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/digest.h"
#include "sluice/base/text.h"

namespace sluice::data {

namespace {

using base::Result;

constexpr std::int64_t kUsPerDay = 86'400'000'000;

base::Error bad_value(std::string_view text, const Type& type) {
  return base::invalid_input(fmt::format("'{}' is not a {}", text, to_text(type)));
}

Result<Value> parse_decimal(std::string_view text, const Type& type) {
  std::string digits;
  const std::size_t point = text.find('.');
  digits = text.substr(0, point);
  std::string fraction(point == std::string_view::npos ? "" : text.substr(point + 1));
  while (fraction.size() > static_cast<std::size_t>(type.scale) && fraction.back() == '0') {
    fraction.pop_back();
  }
  if (fraction.size() > static_cast<std::size_t>(type.scale)) {
    return bad_value(text, type);
  }
  fraction.resize(type.scale, '0');
  auto unscaled = parse_int128(digits + fraction);
  if (!unscaled) {
    return bad_value(text, type);
  }
  Int128 limit = 1;
  for (int i = 0; i < type.precision; ++i) {
    limit *= 10;
  }
  if (*unscaled >= limit || *unscaled <= -limit) {
    return bad_value(text, type);
  }
  return Value(*unscaled);
}

Result<Value> parse_time(std::string_view text, const Type& type) {
  const auto at = base::parse_iso8601("1970-01-01T" + std::string(text));
  if (!at || at->us < 0 || at->us >= kUsPerDay) {
    return bad_value(text, type);
  }
  return Value(at->us);
}

std::optional<std::string> bytes_from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned int byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) {
      return std::nullopt;
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

Result<Value> parse_uuid(std::string_view text, const Type& type) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') {
      digits += c;
    }
  }
  auto bytes = bytes_from_hex(digits);
  if (!bytes || bytes->size() != 16) {
    return bad_value(text, type);
  }
  return Value(std::move(*bytes));
}

template <class Number>
Result<Value> parse_number(std::string_view text, const Type& type) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return bad_value(text, type);
  }
  return Value(number);
}

Result<Value> parse_date(std::string_view text, const Type& type) {
  const auto at = base::parse_iso8601(text);
  if (!at || text.size() != 10) {
    return bad_value(text, type);
  }
  return Value(static_cast<std::int32_t>(at->us / kUsPerDay - (at->us % kUsPerDay < 0 ? 1 : 0)));
}

template <class Number>
int compare_numbers(Number a, Number b) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::isnan(a) || std::isnan(b)) {
      return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
    }
  }
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_nested(const NestedValue& a, const NestedValue& b) {
  const std::size_t shared = std::min(a.items().size(), b.items().size());
  for (std::size_t i = 0; i < shared; ++i) {
    const Value& left = a.items()[i];
    const Value& right = b.items()[i];
    const int order = is_null(left) || is_null(right)
                          ? static_cast<int>(is_null(right)) - static_cast<int>(is_null(left))
                          : compare_values(left, right);
    if (order != 0) {
      return order;
    }
  }
  return compare_numbers(a.items().size(), b.items().size());
}

}  // namespace

NestedValue::NestedValue(std::vector<Value> items)
    : items_(std::make_shared<const std::vector<Value>>(std::move(items))) {}

const std::vector<Value>& NestedValue::items() const {
  static const std::vector<Value> kNone;
  return items_ ? *items_ : kNone;
}

bool operator==(const NestedValue& a, const NestedValue& b) { return a.items() == b.items(); }

std::string int128_to_text(Int128 value) {
  if (value == 0) {
    return "0";
  }
  __extension__ typedef unsigned __int128 Unsigned;
  Unsigned rest =
      value < 0 ? Unsigned{0} - static_cast<Unsigned>(value) : static_cast<Unsigned>(value);
  std::string text;
  while (rest != 0) {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  return value < 0 ? "-" + text : text;
}

Result<Int128> parse_int128(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative || text.starts_with('+') ? 1 : 0);
  if (digits.empty() || digits.size() > 39) {
    return base::invalid_input(fmt::format("'{}' is not an integer", text));
  }
  Int128 value = 0;
  for (const char c : digits) {
    Int128 shifted = 0;
    if (c < '0' || c > '9' || __builtin_mul_overflow(value, Int128{10}, &shifted) ||
        __builtin_sub_overflow(shifted, Int128{c - '0'}, &value)) {
      return base::invalid_input(fmt::format("'{}' is not an integer of 128 bits", text));
    }
  }
  if (!negative && __builtin_sub_overflow(Int128{0}, value, &value)) {
    return base::invalid_input(fmt::format("'{}' is not an integer of 128 bits", text));
  }
  return value;
}

Result<Value> parse_value(std::string_view text, const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      if (text == "true" || text == "false") {
        return Value(text == "true");
      }
      return bad_value(text, type);
    case TypeKind::kInt:
      return parse_number<std::int32_t>(text, type);
    case TypeKind::kLong:
      return parse_number<std::int64_t>(text, type);
    case TypeKind::kFloat:
      return parse_number<float>(text, type);
    case TypeKind::kDouble:
      return parse_number<double>(text, type);
    case TypeKind::kDecimal:
      return parse_decimal(text, type);
    case TypeKind::kDate:
      return parse_date(text, type);
    case TypeKind::kTime:
      return parse_time(text, type);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz: {
      const auto at = base::parse_iso8601(text);
      return at ? Result<Value>(Value(at->us)) : Result<Value>(bad_value(text, type));
    }
    case TypeKind::kString:
      return Value(std::string(text));
    case TypeKind::kUuid:
      return parse_uuid(text, type);
    case TypeKind::kFixed:
    case TypeKind::kBinary: {
      auto bytes = bytes_from_hex(text);
      return bytes ? Result<Value>(Value(std::move(*bytes))) : Result<Value>(bad_value(text, type));
    }
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return base::unsupported(fmt::format("a {} cannot be read from text", to_text(type)));
  }
  return bad_value(text, type);
}

int compare_values(const Value& a, const Value& b) {
  SLUICE_CHECK(a.index() == b.index() && !is_null(a), "values of one type");
  return std::visit(
      [&](const auto& left) -> int {
        using Held = std::decay_t<decltype(left)>;
        const auto& right = std::get<Held>(b);
        if constexpr (std::is_same_v<Held, std::monostate>) {
          return 0;
        } else if constexpr (std::is_same_v<Held, std::string>) {
          const int order = left.compare(right);
          return order < 0 ? -1 : (order > 0 ? 1 : 0);
        } else if constexpr (std::is_same_v<Held, NestedValue>) {
          return compare_nested(left, right);
        } else {
          return compare_numbers(left, right);
        }
      },
      a);
}

}  // namespace sluice::data
