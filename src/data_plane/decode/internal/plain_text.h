#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/data/type.h"

namespace sluice::decode {

/// Readers of text in the usual form of its type. Each takes only texts of which DuckDB's cast
/// makes the same value; nothing does not mean that the text is wrong, but that SQL must tell.

/// Decimal digits, perhaps behind a minus; at most 18 of them.
std::optional<std::int64_t> read_whole(std::string_view text);
/// The unscaled value, of at most 18 digits in all.
std::optional<std::int64_t> read_decimal(std::string_view text, int precision, int scale);
/// Numbers that are finite and begin with a digit or a minus.
std::optional<double> read_double(std::string_view text);
std::optional<float> read_float(std::string_view text);
std::optional<bool> read_boolean(std::string_view text);
/// Days since 1970-01-01, of years 1 to 9999.
std::optional<std::int64_t> read_date(std::string_view text);
/// Microseconds since midnight, of a time with seconds.
std::optional<std::int64_t> read_time(std::string_view text);
/// Microseconds since 1970-01-01; a date, `T` or a space, and a time with seconds.
std::optional<std::int64_t> read_timestamp(std::string_view text);
/// The same in UTC: with `Z`, or an offset of hours or of hours and minutes.
std::optional<std::int64_t> read_timestamptz(std::string_view text);

/// 128 bits as DuckDB holds a UUID: in order of unsigned bytes when they are compared as signed.
struct PlainUuid {
  std::uint64_t lower;
  std::uint64_t upper;
};
std::optional<PlainUuid> read_uuid(std::string_view text);

}  // namespace sluice::decode
