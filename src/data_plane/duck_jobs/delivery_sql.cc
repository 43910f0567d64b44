#include "sluice/duck_jobs/internal/delivery_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using data::TypeKind;
using duck::quote_identifier;
using duck::quote_literal;

std::string postgres_type(const data::Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInt:
      return "integer";
    case TypeKind::kLong:
      return "bigint";
    case TypeKind::kFloat:
      return "real";
    case TypeKind::kDouble:
      return "double precision";
    case TypeKind::kDecimal:
      return fmt::format("numeric({},{})", type.precision, type.scale);
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time without time zone";
    case TypeKind::kTimestamp:
      return "timestamp without time zone";
    case TypeKind::kTimestamptz:
      return "timestamp with time zone";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return "bytea";
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return "jsonb";
    case TypeKind::kString:
      break;
  }
  return "text";
}

/// The two numbers of `numeric(p,s)`.
std::optional<std::pair<int, int>> numeric_of(std::string_view type) {
  constexpr std::string_view kHead = "numeric(";
  if (!type.starts_with(kHead)) {
    return std::nullopt;
  }
  std::pair<int, int> both;
  const char* end = type.data() + type.size();
  const auto first = std::from_chars(type.data() + kHead.size(), end, both.first);
  if (first.ec != std::errc() || first.ptr == end ||
      std::from_chars(first.ptr + 1, end, both.second).ec != std::errc()) {
    return std::nullopt;
  }
  return both;
}

/// `value`, or an error where `bad` is true of it: PostgreSQL stores no zero byte.
std::string without_zero_bytes(const std::string& value, const std::string& bad,
                               std::string_view name) {
  const std::string message = fmt::format(
      "column '{}' has a text with a zero byte, which PostgreSQL cannot store: take it out in the "
      "SELECT, as by replace({}, chr(0), '')",
      name, quote_identifier(name));
  return fmt::format("CASE WHEN {} THEN error({}) ELSE {} END AS {}", bad, quote_literal(message),
                     value, quote_identifier(name));
}

std::string storable_text(const std::string& value, std::string_view name) {
  return without_zero_bytes(value, fmt::format("contains({}, chr(0))", value), name);
}

/// JSON has a zero byte as \u0000, behind an even number of backslashes.
std::string storable_json(const std::string& value, std::string_view name) {
  return without_zero_bytes(value,
                            fmt::format(R"(contains({0}, '\u0000') AND )"
                                        R"(regexp_matches({0}, '(^|[^\\])(\\\\)*\\u0000'))",
                                        value),
                            name);
}

std::string names(std::span<const std::string> columns) {
  std::vector<std::string> quoted;
  for (const std::string& column : columns) {
    quoted.push_back(quote_identifier(column));
  }
  return base::join(quoted, ", ");
}

}  // namespace

DeliveredColumn delivered_column(std::string_view name, std::string_view duckdb_type) {
  const std::string quoted = quote_identifier(name);
  const auto stored = data::type_from_duckdb(duckdb_type);
  if (!stored) {
    return {std::string(name), "text", false,
            storable_text(fmt::format("CAST({} AS VARCHAR)", quoted), name)};
  }
  if (stored->kind == TypeKind::kString) {
    return {std::string(name), "text", false, storable_text(quoted, name)};
  }
  const bool nested = data::is_nested(*stored);
  return {std::string(name), postgres_type(*stored), nested,
          nested ? storable_json(fmt::format("CAST(to_json({}) AS VARCHAR)", quoted), name)
                 : fmt::format("CAST({0} AS {1}) AS {0}", quoted, data::duckdb_name(*stored))};
}

bool holds_type(std::string_view there, std::string_view ours) {
  constexpr std::pair<std::string_view, std::string_view> kWider[] = {
      {"bigint", "integer"},
      {"numeric", "integer"},
      {"numeric", "bigint"},
      {"double precision", "real"},
      {"double precision", "integer"},
      {"character varying", "text"},
      {"json", "jsonb"},
  };
  if (there == ours ||
      std::find(std::begin(kWider), std::end(kWider), std::pair(there, ours)) != std::end(kWider)) {
    return true;
  }
  if (ours == "text") {  // too long a text is refused by the database
    return there.starts_with("character varying(");
  }
  if (const auto mine = numeric_of(ours)) {
    const auto theirs = numeric_of(there);
    return there == "numeric" || (theirs && theirs->second >= mine->second &&
                                  theirs->first - theirs->second >= mine->first - mine->second);
  }
  return false;
}

std::string postgres_table(std::string_view schema, std::string_view name) {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string create_table(const std::string& table, std::span<const DeliveredColumn> columns,
                         std::span<const std::string> key) {
  std::vector<std::string> parts;
  for (const DeliveredColumn& column : columns) {
    parts.push_back(quote_identifier(column.name) + " " + column.type);
  }
  if (!key.empty()) {
    parts.push_back("PRIMARY KEY (" + names(key) + ")");
  }
  return fmt::format("CREATE TABLE {} ({})", table, base::join(parts, ", "));
}

std::string move_rows(const std::string& stage, const std::string& table,
                      std::span<const DeliveredColumn> columns,
                      std::span<const std::string> upsert_key) {
  std::vector<std::string> targets;
  std::vector<std::string> values;
  std::vector<std::string> sets;
  for (const DeliveredColumn& column : columns) {
    const std::string name = quote_identifier(column.name);
    targets.push_back(name);
    values.push_back(column.nested ? name + "::jsonb" : name);
    if (std::find(upsert_key.begin(), upsert_key.end(), column.name) == upsert_key.end()) {
      sets.push_back(fmt::format("{0} = EXCLUDED.{0}", name));
    }
  }
  std::string statement = fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table,
                                      base::join(targets, ", "), base::join(values, ", "), stage);
  if (!upsert_key.empty()) {
    statement += " ON CONFLICT (" + names(upsert_key) + ") DO " +
                 (sets.empty() ? "NOTHING" : "UPDATE SET " + base::join(sets, ", "));
  }
  return statement;
}

}  // namespace sluice::duck_jobs
