#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "sluice/base/result.h"
#include "sluice/data/type.h"

namespace sluice::data {

__extension__ typedef __int128 Int128;

/// One value of a primitive type, or null. Held as: boolean bool; int, date int32; long, time,
/// timestamp, timestamptz int64; decimal the unscaled Int128; string, binary, fixed their bytes;
/// uuid its 16 bytes, big-endian.
using Value = std::variant<std::monostate, bool, std::int32_t, std::int64_t, float, double, Int128,
                           std::string>;

inline bool is_null(const Value& value) { return value.index() == 0; }

/// Writes a value for people and CSV: dates and times in ISO 8601, decimals with their point, uuid
/// with dashes, binary as hex; null is "".
std::string to_text(const Value& value, const Type& type);

/// Reads what to_text() writes, and what DuckDB prints for the same type (infinities and NaN as
/// `inf`, `-inf`, `nan`; times with a space). Never yields null. kInvalidInput otherwise.
base::Result<Value> parse_value(std::string_view text, const Type& type);

/// Orders two values of one type as Iceberg's bounds do (unsigned bytes for text and binary, NaN
/// after everything); both must be non-null.
int compare_values(const Value& a, const Value& b);

std::string int128_to_text(Int128 value);
base::Result<Int128> parse_int128(std::string_view text);

}  // namespace sluice::data
