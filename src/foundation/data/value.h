#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/type.h"

namespace sluice::data {

__extension__ typedef __int128 Int128;

class NestedValue;

/// One value, or null. Held as: boolean bool; int, date int32; long, time, timestamp, timestamptz
/// int64; decimal the unscaled Int128; string, binary, fixed their bytes; uuid its 16 bytes,
/// big-endian; struct, list and map a NestedValue.
using Value = std::variant<std::monostate, bool, std::int32_t, std::int64_t, float, double, Int128,
                           std::string, NestedValue>;

/// The values inside a nested one, shared by its copies: of a struct one for each member, of a list
/// its elements, of a map key, value, key, value and so on.
class NestedValue {
 public:
  NestedValue() = default;
  explicit NestedValue(std::vector<Value> items);

  const std::vector<Value>& items() const;

  /// Compares all items, however deep; floating-point NaN is no other's equal, as everywhere.
  friend bool operator==(const NestedValue& a, const NestedValue& b);

 private:
  std::shared_ptr<const std::vector<Value>> items_;  // null means none; owned by all copies
};

inline bool is_null(const Value& value) { return value.index() == 0; }

/// Writes a value for people and CSV: dates and times in ISO 8601, decimals with their point, uuid
/// with dashes, binary as hex; null is "". Nested values look like JSON, with null as `null` and
/// all but numbers and booleans in quotes: `{"a": 1, "b": ["x"]}`.
std::string to_text(const Value& value, const Type& type);

/// Reads what to_text() writes, and what DuckDB prints for the same type (infinities and NaN as
/// `inf`, `-inf`, `nan`; times with a space). Never yields null. kUnsupported for a nested type,
/// kInvalidInput otherwise.
base::Result<Value> parse_value(std::string_view text, const Type& type);

/// Orders two values of one type as Iceberg's bounds do (unsigned bytes for text and binary, NaN
/// after everything); both must be non-null. Nested values are ordered item by item, null first.
int compare_values(const Value& a, const Value& b);

std::string int128_to_text(Int128 value);
base::Result<Int128> parse_int128(std::string_view text);

}  // namespace sluice::data
