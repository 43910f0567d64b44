#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::data {

/// The types of Iceberg (spec v2, "Schemas and Data Types"). Closed: a value of any other type is
/// refused before it reaches a table. The nested ones come last.
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
  kStruct,
  kList,
  kMap,
};

struct Field;

struct Type {
  TypeKind kind = TypeKind::kString;
  int precision = 0;          // kDecimal
  int scale = 0;              // kDecimal
  int length = 0;             // kFixed, bytes
  std::vector<Field> fields;  // kStruct its members; kList `element`; kMap `key` and `value`
};

/// A column of a table, or a part of a nested type. `id` is the Iceberg field id, stable over
/// renames; 0 means not yet given.
struct Field {
  int id = 0;
  std::string name;
  Type type;
  bool required = false;
  std::string doc;
};

/// Compares all of a type, down to the ids and docs of nested fields; see same_shape().
bool operator==(const Type& a, const Type& b);
bool operator==(const Field& a, const Field& b);

/// Levels of nesting that a type may have.
inline constexpr int kTypeDepthMax = 32;

inline bool is_nested(TypeKind kind) { return kind >= TypeKind::kStruct; }
inline bool is_nested(const Type& type) { return is_nested(type.kind); }

inline Type decimal_type(int precision, int scale) {
  return {TypeKind::kDecimal, precision, scale, 0, {}};
}
Type struct_type(std::vector<Field> members);
Type list_type(Type element, bool element_required = false);
Type map_type(Type key, Type value, bool value_required = false);

/// Says whether a type has the nested fields that its kind asks for, at every level, and nests no
/// deeper than kTypeDepthMax.
bool is_well_formed(const Type& type);

/// Says whether two types hold the same values under the same names: equal but for the ids, docs
/// and required flags of nested fields.
bool same_shape(const Type& a, const Type& b);

/// Writes the type as Iceberg does: `int`, `decimal(9, 2)`, `fixed[16]`, `list<string>`,
/// `map<string, int>`, `struct<a: int, "b c": date>`.
std::string to_text(const Type& type);

/// Parses what to_text() writes; spaces inside the brackets do not matter. Nested fields get no ids
/// and are optional, but for a map's key. kUnsupported for a type of the spec that is not built
/// (timestamp_ns, variant) or nesting beyond kTypeDepthMax, else kInvalidInput.
base::Result<Type> parse_type(std::string_view text);

/// Returns DuckDB's name for the type, for use in DDL and casts: `DECIMAL(9,2)`, `TIMESTAMPTZ`,
/// `STRUCT("a" INTEGER)`, `VARCHAR[]`, `MAP(VARCHAR, INTEGER)`. `fixed` is a BLOB there.
std::string duckdb_name(const Type& type);

/// Maps the type text that DuckDB's DESCRIBE prints to ours, by the closed map: widening where a
/// table has no equal (TINYINT is int, UINTEGER long, UBIGINT decimal(20, 0), HUGEINT decimal(38,
/// 0), ENUM and JSON string, an array of fixed length a list). kUnsupported, naming the type, for
/// what no table may hold at any level (INTERVAL, BIT, UNION, UHUGEINT, a struct without names).
base::Result<Type> type_from_duckdb(std::string_view name);

/// Says whether a column may change from `from` to `to` in place (spec, "Schema Evolution"): int to
/// long, float to double, a decimal's precision upwards; inside a struct members may also come
/// (optional), go, move, be renamed (by id) and become optional. A map's key may not change.
bool can_widen(const Type& from, const Type& to);

}  // namespace sluice::data
