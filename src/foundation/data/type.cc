#include "sluice/data/type.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::data {

namespace {

using base::Result;

struct Names {
  TypeKind kind;
  std::string_view iceberg;
  std::string_view duckdb;
};

// The kinds without parameters; each has one name on either side.
constexpr std::array<Names, 12> kNames = {{
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

// Further names that DuckDB prints for types whose values fit one of ours.
constexpr std::array<std::pair<std::string_view, TypeKind>, 9> kWidened = {{
    {"TINYINT", TypeKind::kInt},
    {"SMALLINT", TypeKind::kInt},
    {"UTINYINT", TypeKind::kInt},
    {"USMALLINT", TypeKind::kInt},
    {"UINTEGER", TypeKind::kLong},
    {"TIMESTAMP WITH TIME ZONE", TypeKind::kTimestamptz},
    {"TIMESTAMP_S", TypeKind::kTimestamp},
    {"TIMESTAMP_MS", TypeKind::kTimestamp},
    {"JSON", TypeKind::kString},
}};

/// Reads the numbers of `name(9, 2)` or `name[16]` after the opening bracket.
std::optional<std::pair<int, int>> read_numbers(std::string_view text, char close) {
  if (text.empty() || text.back() != close) {
    return std::nullopt;
  }
  text.remove_suffix(1);
  std::array<int, 2> numbers = {0, 0};
  std::size_t count = 0;
  for (const std::string& part : base::split(text, ',')) {
    const std::string_view digits = base::trim(part);
    if (count == numbers.size()) {
      return std::nullopt;
    }
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), numbers[count++]);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return std::nullopt;
    }
  }
  return std::pair(numbers[0], numbers[1]);
}

std::optional<Type> read_decimal(std::string_view after_bracket) {
  const auto numbers = read_numbers(after_bracket, ')');
  if (!numbers || numbers->first < 1 || numbers->first > 38 || numbers->second < 0 ||
      numbers->second > numbers->first) {
    return std::nullopt;
  }
  return decimal_type(numbers->first, numbers->second);
}

}  // namespace

std::string to_text(const Type& type) {
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("decimal({}, {})", type.precision, type.scale);
  }
  if (type.kind == TypeKind::kFixed) {
    return fmt::format("fixed[{}]", type.length);
  }
  for (const Names& names : kNames) {
    if (names.kind == type.kind) {
      return std::string(names.iceberg);
    }
  }
  return {};
}

Result<Type> parse_type(std::string_view text) {
  for (const Names& names : kNames) {
    if (names.iceberg == text) {
      return Type{names.kind};
    }
  }
  if (text.starts_with("decimal(")) {
    if (const auto type = read_decimal(text.substr(8))) {
      return *type;
    }
  }
  if (text.starts_with("fixed[")) {
    const auto numbers = read_numbers(text.substr(6), ']');
    if (numbers && numbers->first > 0 && numbers->first <= 1 << 20) {
      return Type{TypeKind::kFixed, 0, 0, numbers->first};
    }
  }
  if (text.starts_with("struct") || text.starts_with("list") || text.starts_with("map") ||
      text == "timestamp_ns" || text == "timestamptz_ns" || text == "variant") {
    return base::unsupported(fmt::format("type '{}' is not supported yet", text));
  }
  return base::invalid_input(fmt::format("'{}' is not a table type", text));
}

std::string duckdb_name(const Type& type) {
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("DECIMAL({},{})", type.precision, type.scale);
  }
  if (type.kind == TypeKind::kFixed) {
    return "BLOB";
  }
  for (const Names& names : kNames) {
    if (names.kind == type.kind) {
      return std::string(names.duckdb);
    }
  }
  return {};
}

Result<Type> type_from_duckdb(std::string_view name) {
  for (const Names& names : kNames) {
    if (names.duckdb == name) {
      return Type{names.kind};
    }
  }
  for (const auto& [widened, kind] : kWidened) {
    if (widened == name) {
      return Type{kind};
    }
  }
  if (name == "UBIGINT") {
    return decimal_type(20, 0);
  }
  if (name == "HUGEINT") {
    return decimal_type(38, 0);
  }
  const bool nested =
      name.ends_with("]") || name.starts_with("STRUCT(") || name.starts_with("MAP(");
  if (name.starts_with("DECIMAL(")) {
    if (const auto type = read_decimal(name.substr(8))) {
      return *type;
    }
  }
  if (name.starts_with("ENUM(") && !nested) {
    return Type{TypeKind::kString};
  }
  return base::unsupported(
      fmt::format("a table cannot hold type {}; cast the column to another type", name));
}

bool can_widen(const Type& from, const Type& to) {
  if (from == to) {
    return true;
  }
  if (from.kind == TypeKind::kInt) {
    return to.kind == TypeKind::kLong;
  }
  if (from.kind == TypeKind::kFloat) {
    return to.kind == TypeKind::kDouble;
  }
  return from.kind == TypeKind::kDecimal && to.kind == TypeKind::kDecimal &&
         from.scale == to.scale && from.precision <= to.precision;
}

}  // namespace sluice::data
