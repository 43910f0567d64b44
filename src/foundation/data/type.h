#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::data {

/// The primitive types of Iceberg (spec v2, "Primitive Types"). Closed: a value of any other type
/// is refused before it reaches a table.
enum class TypeKind : std::uint8_t {
  kBoolean,
  kInt,   // 32 bits
  kLong,  // 64 bits
  kFloat,
  kDouble,
  kDecimal,      // precision 1..38, scale 0..precision
  kDate,         // days since 1970-01-01
  kTime,         // microseconds since midnight
  kTimestamp,    // microseconds, no zone
  kTimestamptz,  // microseconds, UTC
  kString,       // UTF-8
  kUuid,
  kFixed,  // `length` bytes
  kBinary,
};

struct Type {
  TypeKind kind = TypeKind::kString;
  int precision = 0;  // kDecimal
  int scale = 0;      // kDecimal
  int length = 0;     // kFixed, bytes

  friend bool operator==(const Type&, const Type&) = default;
};

inline Type decimal_type(int precision, int scale) {
  return {TypeKind::kDecimal, precision, scale, 0};
}

/// Writes the type as Iceberg metadata does: `int`, `decimal(9, 2)`, `fixed[16]`.
std::string to_text(const Type& type);

/// Parses what to_text() writes; spaces inside the brackets do not matter. kUnsupported for a type
/// of the spec that is not built (struct, list, map, timestamp_ns), else kInvalidInput.
base::Result<Type> parse_type(std::string_view text);

/// Returns DuckDB's name for the type, for use in DDL and casts: `DECIMAL(9,2)`, `TIMESTAMPTZ`.
/// `fixed` is a BLOB there.
std::string duckdb_name(const Type& type);

/// Maps the type text that DuckDB's DESCRIBE prints to ours, by the closed map: widening where a
/// table has no equal (TINYINT is int, UINTEGER long, UBIGINT decimal(20, 0), HUGEINT decimal(38,
/// 0), ENUM and JSON string). kUnsupported, naming the type, for what no table may hold (INTERVAL,
/// BIT, UNION, UHUGEINT, nested types).
base::Result<Type> type_from_duckdb(std::string_view name);

/// Says whether a column may change from `from` to `to` in place (spec, "Schema Evolution": int to
/// long, float to double, a decimal's precision upwards).
bool can_widen(const Type& from, const Type& to);

}  // namespace sluice::data
