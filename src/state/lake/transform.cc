#include "sluice/lake/transform.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/murmur3.h"
#include "sluice/base/text.h"
#include "sluice/lake/bounds.h"
#include "sluice/lake/code_points.h"

namespace sluice::lake {

namespace {

using base::Result;
using data::Int128;
using data::Type;
using data::TypeKind;
using data::Value;

constexpr std::int64_t kUsPerHour = 3'600'000'000;
constexpr std::int64_t kUsPerDay = 24 * kUsPerHour;

constexpr std::array<std::pair<TransformKind, std::string_view>, 8> kNames = {{
    {TransformKind::kIdentity, "identity"},
    {TransformKind::kBucket, "bucket"},
    {TransformKind::kTruncate, "truncate"},
    {TransformKind::kYear, "year"},
    {TransformKind::kMonth, "month"},
    {TransformKind::kDay, "day"},
    {TransformKind::kHour, "hour"},
    {TransformKind::kVoid, "void"},
}};

std::string_view name_of(TransformKind kind) {
  for (const auto& [candidate, name] : kNames) {
    if (candidate == kind) {
      return name;
    }
  }
  return "";
}

std::optional<TransformKind> kind_of(std::string_view name) {
  for (const auto& [kind, candidate] : kNames) {
    if (candidate == name) {
      return kind;
    }
  }
  return std::nullopt;
}

bool takes_parameter(TransformKind kind) {
  return kind == TransformKind::kBucket || kind == TransformKind::kTruncate;
}

std::optional<std::int32_t> positive_number(std::string_view digits) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number <= 0) {
    return std::nullopt;
  }
  return number;
}

std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

bool is_timestamp(const Type& type) {
  return type.kind == TypeKind::kTimestamp || type.kind == TypeKind::kTimestamptz;
}

bool accepts(TransformKind kind, const Type& source) {
  if (data::is_nested(source)) {
    return false;
  }
  switch (kind) {
    case TransformKind::kIdentity:
    case TransformKind::kVoid:
      return true;
    case TransformKind::kBucket:
      return source.kind != TypeKind::kBoolean && source.kind != TypeKind::kFloat &&
             source.kind != TypeKind::kDouble;
    case TransformKind::kTruncate:
      return source.kind == TypeKind::kInt || source.kind == TypeKind::kLong ||
             source.kind == TypeKind::kDecimal || source.kind == TypeKind::kString ||
             source.kind == TypeKind::kBinary;
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
      return source.kind == TypeKind::kDate || is_timestamp(source);
    case TransformKind::kHour:
      return is_timestamp(source);
  }
  return false;
}

/// Rounds down to a multiple of `width`; wraps at the type's end as the reference does.
template <class Number, class Unsigned>
Number truncate_number(Number value, std::int32_t width) {
  const Number rest = value % width < 0 ? value % width + width : value % width;
  return static_cast<Number>(static_cast<Unsigned>(value) - static_cast<Unsigned>(rest));
}

Value truncate(const Value& value, const Type& source, std::int32_t width) {
  __extension__ typedef unsigned __int128 UnsignedInt128;
  switch (source.kind) {
    case TypeKind::kInt: {
      const std::int64_t wide = std::get<std::int32_t>(value);
      return static_cast<std::int32_t>(truncate_number<std::int64_t, std::uint64_t>(wide, width));
    }
    case TypeKind::kLong:
      return truncate_number<std::int64_t, std::uint64_t>(std::get<std::int64_t>(value), width);
    case TypeKind::kDecimal:
      return truncate_number<Int128, UnsignedInt128>(std::get<Int128>(value), width);
    case TypeKind::kString:
      return std::string(code_point_prefix(std::get<std::string>(value), width));
    default:
      return std::get<std::string>(value).substr(0, width);
  }
}

Result<std::string> hash_input(const Value& value, const Type& source) {
  if (source.kind == TypeKind::kInt || source.kind == TypeKind::kDate) {
    return encode_value(Value(std::int64_t{std::get<std::int32_t>(value)}), Type{TypeKind::kLong});
  }
  return encode_value(value, source);
}

Result<Value> bucket(const Value& value, const Type& source, std::int32_t count) {
  SLUICE_ASSIGN_OR_RETURN(const std::string bytes, hash_input(value, source));
  return Value((base::murmur3_x86_32(bytes) & 0x7FFFFFFF) % count);
}

/// Applies year, month or day to a date.
Value part_of_date(TransformKind kind, std::int64_t days) {
  if (kind == TransformKind::kDay) {
    return static_cast<std::int32_t>(days);
  }
  const base::CivilDate date = base::civil_from_days(days);
  return kind == TransformKind::kYear ? date.year - 1970 : (date.year - 1970) * 12 + date.month - 1;
}

base::Error not_applicable(const Transform& transform, const Type& source) {
  return base::invalid_input(fmt::format("transform {} cannot be applied to a column of type {}",
                                         to_text(transform), data::to_text(source)));
}

bool holds(const Value& value, const Type& type) {
  if (type.kind == TypeKind::kFixed || type.kind == TypeKind::kUuid) {
    return std::holds_alternative<std::string>(value);
  }
  return encode_value(value, type).ok();
}

}  // namespace

std::string to_text(const Transform& transform) {
  const std::string_view name = name_of(transform.kind);
  return takes_parameter(transform.kind) ? fmt::format("{}[{}]", name, transform.parameter)
                                         : std::string(name);
}

Result<Transform> parse_transform(std::string_view text) {
  if (const auto kind = kind_of(text); kind && !takes_parameter(*kind)) {
    return Transform{*kind};
  }
  const std::size_t bracket = text.find('[');
  if (bracket != std::string_view::npos && text.ends_with(']')) {
    const auto kind = kind_of(text.substr(0, bracket));
    const auto number = positive_number(text.substr(bracket + 1, text.size() - bracket - 2));
    if (kind && takes_parameter(*kind) && number) {
      return Transform{*kind, *number};
    }
  }
  return base::unsupported(fmt::format("transform '{}' is not known", text));
}

std::string to_text(const ColumnTransform& transform) {
  const std::string_view name = name_of(transform.transform.kind);
  if (transform.transform.kind == TransformKind::kIdentity) {
    return transform.column;
  }
  if (takes_parameter(transform.transform.kind)) {
    return fmt::format("{}({}, {})", name, transform.transform.parameter, transform.column);
  }
  return fmt::format("{}({})", name, transform.column);
}

Result<ColumnTransform> parse_column_transform(std::string_view text) {
  const std::string_view whole = base::trim(text);
  const std::size_t bracket = whole.find('(');
  if (bracket == std::string_view::npos && !whole.empty()) {
    return ColumnTransform{Transform{}, std::string(whole)};
  }
  const auto wrong = [&] {
    return base::invalid_input(
        fmt::format("'{}' is not a partition; write a column, year(c), month(c), day(c), hour(c), "
                    "bucket(16, c) or truncate(4, c)",
                    text));
  };
  if (bracket == std::string_view::npos || !whole.ends_with(')')) {
    return wrong();
  }
  const auto kind = kind_of(base::trim(whole.substr(0, bracket)));
  std::string_view inside = whole.substr(bracket + 1, whole.size() - bracket - 2);
  Transform transform;
  if (!kind) {
    return wrong();
  }
  transform.kind = *kind;
  if (takes_parameter(*kind)) {
    const std::size_t comma = inside.find(',');
    const auto number = positive_number(base::trim(inside.substr(0, comma)));
    if (comma == std::string_view::npos || !number) {
      return wrong();
    }
    transform.parameter = *number;
    inside.remove_prefix(comma + 1);
  }
  const std::string_view column = base::trim(inside);
  if (column.empty() || column.find_first_of("(),") != std::string_view::npos) {
    return wrong();
  }
  return ColumnTransform{transform, std::string(column)};
}

std::string partition_field_name(const ColumnTransform& transform) {
  switch (transform.transform.kind) {
    case TransformKind::kIdentity:
      return transform.column;
    case TransformKind::kBucket:
      return fmt::format("{}_bucket_{}", transform.column, transform.transform.parameter);
    case TransformKind::kTruncate:
      return fmt::format("{}_trunc_{}", transform.column, transform.transform.parameter);
    case TransformKind::kVoid:
      return fmt::format("{}_null", transform.column);
    default:
      return fmt::format("{}_{}", transform.column, name_of(transform.transform.kind));
  }
}

Result<Type> result_type(const Transform& transform, const Type& source) {
  if (!accepts(transform.kind, source)) {
    return not_applicable(transform, source);
  }
  switch (transform.kind) {
    case TransformKind::kIdentity:
    case TransformKind::kTruncate:
    case TransformKind::kVoid:
      return source;
    case TransformKind::kDay:
      return Type{TypeKind::kDate};
    default:
      return Type{TypeKind::kInt};
  }
}

Result<Value> apply(const Transform& transform, const Value& value, const Type& source) {
  if (!accepts(transform.kind, source)) {
    return not_applicable(transform, source);
  }
  if (data::is_null(value) || transform.kind == TransformKind::kVoid) {
    return Value();
  }
  if (!holds(value, source)) {
    return base::invalid_input(fmt::format("the value is not of type {}", data::to_text(source)));
  }
  switch (transform.kind) {
    case TransformKind::kIdentity:
    case TransformKind::kVoid:
      return value;
    case TransformKind::kBucket:
      return bucket(value, source, transform.parameter);
    case TransformKind::kTruncate:
      return truncate(value, source, transform.parameter);
    default:
      break;
  }
  if (source.kind == TypeKind::kDate) {
    return part_of_date(transform.kind, std::get<std::int32_t>(value));
  }
  const std::int64_t us = std::get<std::int64_t>(value);
  if (transform.kind == TransformKind::kHour) {
    const std::int64_t hours = floor_div(us, kUsPerHour);
    return hours == static_cast<std::int32_t>(hours)
               ? Result<Value>(Value(static_cast<std::int32_t>(hours)))
               : Result<Value>(base::invalid_input("the time is too far from 1970 for hour()"));
  }
  return part_of_date(transform.kind, floor_div(us, kUsPerDay));
}

}  // namespace sluice::lake
