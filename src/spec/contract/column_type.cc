#include "sluice/contract/internal/column_type.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

#include "sluice/base/text.h"

namespace sluice::contract::internal {

namespace {

using data::TypeKind;

struct NamedType {
  std::string_view name;
  TypeKind kind;
  std::string_view minimum;
  std::string_view maximum;
};

/// Names that databases give to the types that a table may have. `int8` is left out: it has eight
/// bytes in PostgreSQL and eight bits elsewhere.
constexpr NamedType kPhysicalTypes[] = {
    {"varchar", TypeKind::kString},
    {"char", TypeKind::kString},
    {"character varying", TypeKind::kString},
    {"character", TypeKind::kString},
    {"nvarchar", TypeKind::kString},
    {"text", TypeKind::kString},
    {"string", TypeKind::kString},
    {"int", TypeKind::kInt},
    {"integer", TypeKind::kInt},
    {"int4", TypeKind::kInt},
    {"int32", TypeKind::kInt},
    {"smallint", TypeKind::kInt, "-32768", "32767"},
    {"int16", TypeKind::kInt, "-32768", "32767"},
    {"tinyint", TypeKind::kInt, "-128", "127"},
    {"bigint", TypeKind::kLong},
    {"long", TypeKind::kLong},
    {"int64", TypeKind::kLong},
    {"float", TypeKind::kFloat},
    {"real", TypeKind::kFloat},
    {"float4", TypeKind::kFloat},
    {"float32", TypeKind::kFloat},
    {"double", TypeKind::kDouble},
    {"double precision", TypeKind::kDouble},
    {"float8", TypeKind::kDouble},
    {"float64", TypeKind::kDouble},
    {"decimal", TypeKind::kDecimal},
    {"numeric", TypeKind::kDecimal},
    {"number", TypeKind::kDecimal},
    {"boolean", TypeKind::kBoolean},
    {"bool", TypeKind::kBoolean},
    {"date", TypeKind::kDate},
    {"time", TypeKind::kTime},
    {"timestamp", TypeKind::kTimestamp},
    {"datetime", TypeKind::kTimestamp},
    {"timestamp_ntz", TypeKind::kTimestamp},
    {"timestamp without time zone", TypeKind::kTimestamp},
    {"timestamptz", TypeKind::kTimestamptz},
    {"timestamp_tz", TypeKind::kTimestamptz},
    {"timestamp_ltz", TypeKind::kTimestamptz},
    {"timestamp with time zone", TypeKind::kTimestamptz},
    {"uuid", TypeKind::kUuid},
    {"blob", TypeKind::kBinary},
    {"binary", TypeKind::kBinary},
    {"varbinary", TypeKind::kBinary},
    {"bytea", TypeKind::kBinary},
};

/// `logicalTypeOptions.format` of integers and numbers (ODCS: Rust's names).
constexpr NamedType kFormats[] = {
    {"i8", TypeKind::kInt, "-128", "127"},
    {"i16", TypeKind::kInt, "-32768", "32767"},
    {"i32", TypeKind::kInt},
    {"i64", TypeKind::kLong},
    {"u8", TypeKind::kInt, "0", "255"},
    {"u16", TypeKind::kInt, "0", "65535"},
    {"u32", TypeKind::kLong, "0", "4294967295"},
    {"u64", TypeKind::kDecimal, "0", "18446744073709551615"},
    {"f32", TypeKind::kFloat},
    {"f64", TypeKind::kDouble},
};

struct LogicalType {
  std::string_view name;
  TypeKind kind;                   // when nothing else is said
  std::vector<TypeKind> physical;  // what may store it
};

const std::vector<LogicalType>& logical_types() {
  static const std::vector<LogicalType> kTypes = {
      {"string", TypeKind::kString, {TypeKind::kString, TypeKind::kUuid, TypeKind::kBinary}},
      {"integer", TypeKind::kLong, {TypeKind::kInt, TypeKind::kLong, TypeKind::kDecimal}},
      {"number",
       TypeKind::kDouble,
       {TypeKind::kDouble, TypeKind::kFloat, TypeKind::kDecimal, TypeKind::kInt, TypeKind::kLong}},
      {"boolean", TypeKind::kBoolean, {TypeKind::kBoolean}},
      // ODCS 3.0 has no logical type but `date` for points in time.
      {"date", TypeKind::kDate, {TypeKind::kDate, TypeKind::kTimestamp, TypeKind::kTimestamptz}},
      {"time", TypeKind::kTime, {TypeKind::kTime}},
      {"timestamp", TypeKind::kTimestamp, {TypeKind::kTimestamp, TypeKind::kTimestamptz}},
  };
  return kTypes;
}

template <class Range>
auto find_named(const Range& range, std::string_view name) {
  return std::find_if(std::begin(range), std::end(range),
                      [&](const auto& type) { return type.name == name; });
}

/// `DECIMAL(9, 2)` taken apart: a lower-case name and its numbers.
struct PhysicalText {
  std::string name;
  std::vector<int> arguments;
  bool well_formed = true;
};

PhysicalText take_apart(std::string_view text) {
  PhysicalText parts;
  const std::size_t open = text.find('(');
  parts.name = base::lower(base::trim(text.substr(0, open)));
  if (open == std::string_view::npos) {
    return parts;
  }
  const std::size_t close = text.find(')', open);
  if (close == std::string_view::npos) {
    parts.well_formed = false;
    return parts;
  }
  // `timestamp(6) with time zone`
  const std::string_view rest = base::trim(text.substr(close + 1));
  if (!rest.empty()) {
    parts.name += " " + base::lower(rest);
  }
  for (const std::string& argument : base::split(text.substr(open + 1, close - open - 1), ',')) {
    const std::string_view digits = base::trim(argument);
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    parts.well_formed = parts.well_formed && error == std::errc() &&
                        end == digits.data() + digits.size() && number >= 0;
    parts.arguments.push_back(number);
  }
  return parts;
}

std::optional<Bound> bound(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(Bound{std::string(text), false});
}

bool takes_length(TypeKind kind) { return kind == TypeKind::kString || kind == TypeKind::kBinary; }

bool takes_precision(TypeKind kind) {
  return kind == TypeKind::kTime || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestamptz;
}

std::optional<ColumnType> with_arguments(const NamedType& named, const PhysicalText& parts) {
  ColumnType column{{named.kind}, bound(named.minimum), bound(named.maximum), std::nullopt};
  const std::vector<int>& arguments = parts.arguments;
  if (named.kind == TypeKind::kDecimal) {
    const int precision = arguments.empty() ? 0 : arguments[0];
    const int scale = arguments.size() < 2 ? 0 : arguments[1];
    if (arguments.size() > 2 || precision < 1 || precision > 38 || scale > precision) {
      return std::nullopt;
    }
    column.type = data::decimal_type(precision, scale);
    return column;
  }
  if (arguments.empty()) {
    return column;
  }
  if (arguments.size() == 1 && takes_length(named.kind) && arguments[0] > 0) {
    if (named.kind == TypeKind::kString) {
      column.length_max = arguments[0];
      return column;
    }
    return std::nullopt;
  }
  if (arguments.size() == 1 && takes_precision(named.kind) && arguments[0] == 6) {
    return column;
  }
  return std::nullopt;
}

std::optional<ColumnType> physical_type(const std::string& text, TypeProblem& problem) {
  const PhysicalText parts = take_apart(text);
  const auto* const named = find_named(kPhysicalTypes, parts.name);
  problem.key = "physicalType";
  if (named == std::end(kPhysicalTypes)) {
    std::vector<std::string> names;
    for (const NamedType& known : kPhysicalTypes) {
      names.emplace_back(known.name);
    }
    const std::string near = base::nearest(parts.name, names);
    problem.message = "physicalType '" + text + "' is no type that a table may have";
    problem.hint = near.empty() ? "write one such as varchar, int, bigint, double, decimal(9,2), "
                                  "date, timestamp, timestamptz, boolean"
                                : "did you mean '" + near + "'?";
    return std::nullopt;
  }
  std::optional<ColumnType> column;
  if (parts.well_formed) {
    column = with_arguments(*named, parts);
  }
  if (!column) {
    problem.message = "physicalType '" + text + "' cannot be executed";
    problem.hint = named->kind == TypeKind::kDecimal
                       ? "write decimal(precision, scale), precision from 1 to 38"
                       : "leave out what stands in brackets";
  }
  return column;
}

std::optional<ColumnType> formatted_type(const DeclaredType& declared, TypeProblem& problem) {
  const auto* const named = find_named(kFormats, declared.format);
  const bool is_float_format = declared.format.starts_with('f');
  if (named == std::end(kFormats) || is_float_format != (declared.logical == "number")) {
    problem = {
        "format",
        "format '" + declared.format + "' of type " + declared.logical + " cannot be executed",
        declared.logical == "number" ? "f32 and f64 can" : "i8 to i64 and u8 to u64 can"};
    return std::nullopt;
  }
  ColumnType column{{named->kind}, bound(named->minimum), bound(named->maximum), std::nullopt};
  if (named->kind == TypeKind::kDecimal) {
    column.type = data::decimal_type(20, 0);
  }
  return column;
}

/// Logical types that the standard has besides those that a column may have here.
constexpr std::string_view kUnbuiltTypes[] = {"vector"};

}  // namespace

std::optional<ColumnType> resolve_type(const DeclaredType& declared, TypeProblem& problem) {
  const auto logical = find_named(logical_types(), declared.logical);
  if (!declared.logical.empty() && logical == logical_types().end()) {
    const bool in_standard = std::find(std::begin(kUnbuiltTypes), std::end(kUnbuiltTypes),
                                       declared.logical) != std::end(kUnbuiltTypes);
    if (in_standard) {
      problem = {"logicalType", "logicalType '" + declared.logical + "' is not built yet",
                 "write an array of numbers"};
    }
    return std::nullopt;
  }
  if (!declared.physical.empty()) {
    std::optional<ColumnType> column = physical_type(declared.physical, problem);
    if (!column || declared.logical.empty()) {
      return column;
    }
    const bool whole = declared.logical != "integer" || column->type.scale == 0;
    const auto& stored = logical->physical;
    if (!whole || std::find(stored.begin(), stored.end(), column->type.kind) == stored.end()) {
      problem = {"physicalType",
                 "physicalType '" + declared.physical + "' does not store logicalType '" +
                     declared.logical + "'",
                 ""};
      return std::nullopt;
    }
    return column;
  }
  if (declared.logical.empty()) {
    problem = {"name", "the property has neither logicalType nor physicalType", ""};
    return std::nullopt;
  }
  if (!declared.format.empty()) {
    return formatted_type(declared, problem);
  }
  ColumnType column{{logical->kind}, std::nullopt, std::nullopt, std::nullopt};
  if (declared.with_timezone && logical->kind == TypeKind::kTimestamp) {
    column.type.kind = TypeKind::kTimestamptz;
  }
  return column;
}

}  // namespace sluice::contract::internal
