#include "sluice/lake/bounds.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "sluice/data/decimal_bytes.h"
#include "sluice/lake/code_points.h"

namespace sluice::lake {

namespace {

using base::Result;
using data::Int128;
using data::Type;
using data::TypeKind;
using data::Value;

template <class Number>
std::string little_endian(Number number) {
  using Bits = std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>;
  const Bits bits = std::bit_cast<Bits>(number);
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    bytes += static_cast<char>(bits >> (8 * i) & 0xFF);
  }
  return bytes;
}

template <class Number>
Number from_little_endian(std::string_view bytes) {
  using Bits = std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>;
  Bits bits = 0;
  for (std::size_t i = sizeof(Number); i > 0; --i) {
    bits = bits << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return std::bit_cast<Number>(bits);
}

base::Error wrong_length(std::string_view bytes, const Type& type) {
  return base::corrupt(
      fmt::format("{} bytes are not a value of type {}", bytes.size(), data::to_text(type)));
}

template <class Held>
Result<std::string> encode_number(const Value& value, const Type& type) {
  const Held* number = std::get_if<Held>(&value);
  if (number == nullptr) {
    return base::invalid_input(fmt::format("the value is not of type {}", data::to_text(type)));
  }
  if constexpr (std::is_same_v<Held, bool>) {
    return std::string(1, *number ? '\1' : '\0');
  } else if constexpr (std::is_same_v<Held, Int128>) {
    return data::decimal_bytes(*number);
  } else {
    return little_endian(*number);
  }
}

Result<std::string> encode_bytes(const Value& value, const Type& type) {
  const std::string* bytes = std::get_if<std::string>(&value);
  if (bytes == nullptr || (type.kind == TypeKind::kUuid && bytes->size() != 16) ||
      (type.kind == TypeKind::kFixed && bytes->size() != static_cast<std::size_t>(type.length))) {
    return base::invalid_input(fmt::format("the value is not of type {}", data::to_text(type)));
  }
  return *bytes;
}

template <class Wide, class Narrow>
Result<Value> decode_number(std::string_view bytes, const Type& type) {
  if (bytes.size() == sizeof(Wide)) {
    return Value(from_little_endian<Wide>(bytes));
  }
  if (bytes.size() == sizeof(Narrow)) {
    return Value(static_cast<Wide>(from_little_endian<Narrow>(bytes)));
  }
  return wrong_length(bytes, type);
}

bool is_nan(const Value& value) {
  if (const float* number = std::get_if<float>(&value)) {
    return std::isnan(*number);
  }
  const double* number = std::get_if<double>(&value);
  return number != nullptr && std::isnan(*number);
}

/// Gives a zero the sign that makes it a bound of both zeros: -0.0 sorts before 0.0.
Value with_signed_zero(const Value& value, bool negative) {
  if (const float* number = std::get_if<float>(&value); number != nullptr && *number == 0) {
    return negative ? -0.0F : 0.0F;
  }
  if (const double* number = std::get_if<double>(&value); number != nullptr && *number == 0) {
    return negative ? -0.0 : 0.0;
  }
  return value;
}

}  // namespace

Result<Int128> decimal_from_bytes(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 16) {
    return base::corrupt(fmt::format("{} bytes are not a decimal", bytes.size()));
  }
  __extension__ typedef unsigned __int128 Unsigned;
  Unsigned bits = (bytes[0] & 0x80) != 0 ? ~Unsigned{0} : Unsigned{0};
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
  }
  return static_cast<Int128>(bits);
}

Result<std::string> encode_value(const Value& value, const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return encode_number<bool>(value, type);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return encode_number<std::int32_t>(value, type);
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return encode_number<std::int64_t>(value, type);
    case TypeKind::kFloat:
      return encode_number<float>(value, type);
    case TypeKind::kDouble:
      return encode_number<double>(value, type);
    case TypeKind::kDecimal:
      return encode_number<Int128>(value, type);
    case TypeKind::kString:
    case TypeKind::kUuid:
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return encode_bytes(value, type);
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      break;
  }
  return base::internal_error(fmt::format("a {} has no single-value form", data::to_text(type)));
}

Result<Value> decode_value(std::string_view bytes, const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return bytes.size() == 1 ? Result<Value>(Value(bytes[0] != 0))
                               : Result<Value>(wrong_length(bytes, type));
    case TypeKind::kInt:
    case TypeKind::kDate:
      return decode_number<std::int32_t, std::int32_t>(bytes, type);
    case TypeKind::kLong:
      return decode_number<std::int64_t, std::int32_t>(bytes, type);
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return decode_number<std::int64_t, std::int64_t>(bytes, type);
    case TypeKind::kFloat:
      return decode_number<float, float>(bytes, type);
    case TypeKind::kDouble:
      return decode_number<double, float>(bytes, type);
    case TypeKind::kDecimal: {
      SLUICE_ASSIGN_OR_RETURN(const Int128 unscaled, decimal_from_bytes(bytes));
      return Value(unscaled);
    }
    case TypeKind::kUuid:
      if (bytes.size() != 16) {
        return wrong_length(bytes, type);
      }
      return Value(std::string(bytes));
    case TypeKind::kFixed:  // other writers cut the bounds of fixed columns, too
    case TypeKind::kString:
    case TypeKind::kBinary:
      return Value(std::string(bytes));
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      break;
  }
  return base::corrupt(fmt::format("a {} has no single-value form", data::to_text(type)));
}

std::optional<Value> lower_bound(const Value& min, const Type& type, std::size_t length_max) {
  if (data::is_null(min) || is_nan(min)) {
    return std::nullopt;
  }
  if (type.kind == TypeKind::kString) {
    return Value(std::string(code_point_prefix(std::get<std::string>(min), length_max)));
  }
  if (type.kind == TypeKind::kBinary) {
    return Value(std::get<std::string>(min).substr(0, length_max));
  }
  return with_signed_zero(min, true);
}

std::optional<Value> upper_bound(const Value& max, const Type& type, std::size_t length_max) {
  if (data::is_null(max) || is_nan(max)) {
    return std::nullopt;
  }
  if (type.kind != TypeKind::kString && type.kind != TypeKind::kBinary) {
    return with_signed_zero(max, false);
  }
  const auto& text = std::get<std::string>(max);
  if (type.kind == TypeKind::kString) {
    const std::string_view prefix = code_point_prefix(text, length_max);
    if (prefix.size() == text.size()) {
      return max;
    }
    std::string above = successor_of_prefix(prefix);
    return above.empty() ? std::nullopt : std::optional<Value>(std::move(above));
  }
  if (text.size() <= length_max) {
    return max;
  }
  std::string above = text.substr(0, length_max);
  while (!above.empty() && above.back() == '\xFF') {
    above.pop_back();
  }
  if (above.empty()) {
    return std::nullopt;
  }
  above.back() = static_cast<char>(static_cast<unsigned char>(above.back()) + 1);
  return Value(std::move(above));
}

Result<Value> widen_value(const Value& value, const Type& to) {
  if (data::is_null(value)) {
    return value;
  }
  if (const auto* number = std::get_if<std::int32_t>(&value); number != nullptr) {
    if (to.kind == TypeKind::kInt || to.kind == TypeKind::kDate) {
      return value;
    }
    if (to.kind == TypeKind::kLong) {
      return Value(static_cast<std::int64_t>(*number));
    }
  } else if (const float* narrow = std::get_if<float>(&value); narrow != nullptr) {
    if (to.kind == TypeKind::kDouble) {
      return Value(static_cast<double>(*narrow));
    }
    if (to.kind == TypeKind::kFloat) {
      return value;
    }
  } else if (encode_value(value, to).ok()) {
    return value;
  }
  return base::corrupt(fmt::format("a stored value cannot be read as {}", data::to_text(to)));
}

}  // namespace sluice::lake
