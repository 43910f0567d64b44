#include "sluice/run/partition_columns.h"

#include <fmt/format.h>

#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using data::TypeKind;

/// The column as a time without zone, in UTC whatever the session's zone is.
std::string utc_timestamp(const data::Field& column) {
  const std::string name = sql::quote_identifier(column.name);
  if (column.type.kind == TypeKind::kTimestamptz) {
    return fmt::format("make_timestamp(epoch_us({}))", name);
  }
  return fmt::format("CAST({} AS TIMESTAMP)", name);
}

std::string truncate_sql(const data::Field& column, int width) {
  const std::string name = sql::quote_identifier(column.name);
  switch (column.type.kind) {
    case TypeKind::kInt:
    case TypeKind::kLong:
      return fmt::format("({0} - ((({0} % {1}) + {1}) % {1}))", name, width);
    case TypeKind::kDecimal: {
      const std::string step = fmt::format("CAST('{}e-{}' AS {})", width, column.type.scale,
                                           data::duckdb_name(column.type));
      return fmt::format("({0} - ((({0} % {1}) + {1}) % {1}))", name, step);
    }
    case TypeKind::kBinary:
      return fmt::format("unhex(left(hex({}), {}))", name, 2 * std::int64_t{width});
    default:
      return fmt::format("left({}, {})", name, width);
  }
}

/// By the functions that every worker's session has.
std::string bucket_sql(const data::Field& column, int count) {
  const std::string name = sql::quote_identifier(column.name);
  switch (column.type.kind) {
    case TypeKind::kString:
      return fmt::format("CAST(sluice_bucket_bytes(encode({}), {}) AS INTEGER)", name, count);
    case TypeKind::kBinary:
    case TypeKind::kFixed:
      return fmt::format("CAST(sluice_bucket_bytes({}, {}) AS INTEGER)", name, count);
    case TypeKind::kUuid:
      return fmt::format(
          "CAST(sluice_bucket_bytes(unhex(replace(CAST({} AS VARCHAR), '-', '')), {}) AS INTEGER)",
          name, count);
    case TypeKind::kDecimal:
      return fmt::format("CAST(sluice_bucket_decimal(CAST({} AS VARCHAR), {}) AS INTEGER)", name,
                         count);
    case TypeKind::kDate:
      return fmt::format(
          "CAST(sluice_bucket_long(date_diff('day', DATE '1970-01-01', {}), {}) AS INTEGER)", name,
          count);
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return fmt::format("CAST(sluice_bucket_long(epoch_us({}), {}) AS INTEGER)", name, count);
    default:
      return fmt::format("CAST(sluice_bucket_long(CAST({} AS BIGINT), {}) AS INTEGER)", name,
                         count);
  }
}

Result<std::string> transform_sql(const lake::Transform& transform, const data::Field& column) {
  switch (transform.kind) {
    case lake::TransformKind::kIdentity:
      return sql::quote_identifier(column.name);
    case lake::TransformKind::kYear:
      return fmt::format("CAST(year({}) - 1970 AS INTEGER)", utc_timestamp(column));
    case lake::TransformKind::kMonth:
      return fmt::format("CAST((year({0}) - 1970) * 12 + month({0}) - 1 AS INTEGER)",
                         utc_timestamp(column));
    case lake::TransformKind::kDay:
      return fmt::format("CAST({} AS DATE)", utc_timestamp(column));
    case lake::TransformKind::kHour:
      return fmt::format(
          "CAST(date_diff('hour', TIMESTAMP '1970-01-01', date_trunc('hour', {})) AS INTEGER)",
          utc_timestamp(column));
    case lake::TransformKind::kTruncate:
      return truncate_sql(column, transform.parameter);
    case lake::TransformKind::kBucket:
      return bucket_sql(column, transform.parameter);
    case lake::TransformKind::kVoid:
      return std::string("NULL");
  }
  return base::internal_error("unknown transform");
}

}  // namespace

Result<std::vector<job::PartitionColumn>> partition_columns(const lake::PartitionSpec& spec,
                                                            const data::Schema& schema) {
  SLUICE_ASSIGN_OR_RETURN(const auto types, lake::partition_types(spec, schema));
  std::vector<job::PartitionColumn> columns;
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {
    const lake::PartitionField& field = spec.fields[i];
    const data::Field* column = schema.find(field.source_id);
    if (column == nullptr) {
      return base::corrupt(
          fmt::format("partition field '{}' is over column id {}, which the schema "
                      "lacks",
                      field.name, field.source_id));
    }
    SLUICE_ASSIGN_OR_RETURN(std::string sql, transform_sql(field.transform, *column));
    columns.push_back({field.name, std::move(sql), types[i]});
  }
  return columns;
}

}  // namespace sluice::run
