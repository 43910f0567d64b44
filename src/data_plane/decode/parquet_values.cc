#include "sluice/decode/internal/parquet_values.h"

#include <fmt/format.h>

#include <charconv>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::decode {

namespace {

using duck::quote_literal;

bool is_whole(std::string_view type) {
  return type == "TINYINT" || type == "SMALLINT" || type == "INTEGER" || type == "BIGINT" ||
         type == "UTINYINT" || type == "USMALLINT" || type == "UINTEGER" || type == "UBIGINT";
}

/// Digits behind the point of `DECIMAL(p,s)`; -1 for another type.
int scale_of(std::string_view type) {
  const std::size_t comma = type.find(',');
  if (!type.starts_with("DECIMAL(") || comma == std::string_view::npos) {
    return -1;
  }
  int scale = -1;
  std::from_chars(type.data() + comma + 1, type.data() + type.size(), scale);
  return scale;
}

/// Values that a text of the type can mean; "" when they all can be written.
std::string_view writable(data::TypeKind kind) {
  switch (kind) {
    case data::TypeKind::kFloat:
    case data::TypeKind::kDouble:
      return "isfinite({})";
    case data::TypeKind::kDate:
      return "{} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'";
    case data::TypeKind::kTime:
      return "{} < TIME '24:00:00'";
    case data::TypeKind::kTimestamp:
      return "{} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-30'";
    case data::TypeKind::kTimestamptz:
      return "{} BETWEEN TIMESTAMPTZ '0001-01-02 00:00:00+00' AND TIMESTAMPTZ '9999-12-30 "
             "00:00:00+00'";
    default:
      return "";
  }
}

std::string literal(const std::string& text, const data::Type& type) {
  return type.kind == data::TypeKind::kString
             ? quote_literal(text)
             : "CAST(" + quote_literal(text) + " AS " + data::duckdb_name(type) + ")";
}

}  // namespace

bool is_value_of(std::string_view type, const data::Type& wanted) {
  switch (wanted.kind) {
    case data::TypeKind::kInt:
    case data::TypeKind::kLong:
      return is_whole(type);
    case data::TypeKind::kDecimal: {
      const int scale = scale_of(type);
      return is_whole(type) || (scale >= 0 && scale <= wanted.scale);
    }
    case data::TypeKind::kBoolean:
    case data::TypeKind::kFloat:
    case data::TypeKind::kDouble:
    case data::TypeKind::kDate:
    case data::TypeKind::kTime:
    case data::TypeKind::kTimestamp:
    case data::TypeKind::kTimestamptz:
    case data::TypeKind::kUuid:
    case data::TypeKind::kString:
      return type == data::duckdb_name(wanted);
    default:
      return false;
  }
}

void add_good_conditions(const job::DecodeColumn& column, const std::string& raw,
                         const std::string& value, std::vector<std::string>& good) {
  if (column.no_null) {
    good.push_back(value + " IS NOT NULL");
  } else if (value != raw) {
    good.push_back(fmt::format("(({} IS NULL) = ({} IS NULL))", raw, value));
  }
  if (const std::string_view sql = writable(column.type.kind); !sql.empty()) {
    good.push_back(fmt::format(fmt::runtime(sql), value));
  }
  for (const job::ValueCheck& check : column.checks) {
    if (!check.values.empty()) {
      std::vector<std::string> literals;
      for (const std::string& text : check.values) {
        literals.push_back(literal(text, column.type));
      }
      good.push_back(value + " IN (" + base::join(literals, ", ") + ")");
    }
    if (check.minimum) {
      good.push_back(value + (check.minimum->exclusive ? " > " : " >= ") +
                     literal(check.minimum->value, column.type));
    }
    if (check.maximum) {
      good.push_back(value + (check.maximum->exclusive ? " < " : " <= ") +
                     literal(check.maximum->value, column.type));
    }
    if (check.length_min) {
      good.push_back(fmt::format("length({}) >= {}", value, *check.length_min));
    }
    if (check.length_max) {
      good.push_back(fmt::format("length({}) <= {}", value, *check.length_max));
    }
  }
}

}  // namespace sluice::decode
