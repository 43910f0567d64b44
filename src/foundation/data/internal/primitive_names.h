#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sluice/data/type.h"

namespace sluice::data::internal {

/// A kind without parameters has one name on either side.
struct PrimitiveNames {
  TypeKind kind;
  std::string_view iceberg;
  std::string_view duckdb;
};

inline constexpr std::array<PrimitiveNames, 12> kPrimitiveNames = {{
    {TypeKind::kBoolean, "boolean", "BOOLEAN"},
    {TypeKind::kInt, "int", "INTEGER"},
    {TypeKind::kLong, "long", "BIGINT"},
    {TypeKind::kFloat, "float", "FLOAT"},
    {TypeKind::kDouble, "double", "DOUBLE"},
    {TypeKind::kDate, "date", "DATE"},
    {TypeKind::kTime, "time", "TIME"},
    {TypeKind::kTimestamp, "timestamp", "TIMESTAMP"},
    {TypeKind::kTimestamptz, "timestamptz", "TIMESTAMPTZ"},
    {TypeKind::kString, "string", "VARCHAR"},
    {TypeKind::kUuid, "uuid", "UUID"},
    {TypeKind::kBinary, "binary", "BLOB"},
}};

/// Reads `9, 2` into a decimal; nothing when no decimal has these numbers.
std::optional<Type> read_decimal(std::string_view numbers);

/// Takes one `"quoted ""name"""` from the front of `text`; nothing when it does not end.
std::optional<std::string> take_quoted(std::string_view& text);

}  // namespace sluice::data::internal
