#include "sluice/duck/result.h"

#include <duckdb.h>

#include <memory>
#include <utility>

#include "sluice/duck/failure.h"
#include "sluice/duck/internal/result_handle.h"

namespace sluice::duck {

namespace {

/// A logical type that is destroyed with its owner.
struct DestroyLogicalType {
  void operator()(_duckdb_logical_type* type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<_duckdb_logical_type, DestroyLogicalType>;

using base::Result;
using data::Int128;
using data::Type;
using data::TypeKind;
using data::Value;

Int128 wide(duckdb_hugeint value) {
  return static_cast<Int128>(value.upper) * (Int128{1} << 64) + static_cast<Int128>(value.lower);
}

std::string uuid_bytes(duckdb_hugeint value) {
  // DuckDB flips the top bit so that uuids sort as signed numbers.
  const auto upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);
  std::string bytes(16, '\0');
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(upper >> (56 - 8 * i));
    bytes[8 + i] = static_cast<char>(value.lower >> (56 - 8 * i));
  }
  return bytes;
}

/// A decimal is stored in the smallest integer that holds its precision.
Int128 decimal_at(const ColumnView& column, std::size_t row, int precision) {
  if (precision <= 4) {
    return column.at<std::int16_t>(row);
  }
  if (precision <= 9) {
    return column.at<std::int32_t>(row);
  }
  return precision <= 18 ? Int128{column.at<std::int64_t>(row)}
                         : wide(column.at<duckdb_hugeint>(row));
}

Int128 integer_at(const ColumnView& column, std::size_t row, int type_id) {
  switch (type_id) {
    case DUCKDB_TYPE_TINYINT:
      return column.at<std::int8_t>(row);
    case DUCKDB_TYPE_SMALLINT:
      return column.at<std::int16_t>(row);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
      return column.at<std::int32_t>(row);
    case DUCKDB_TYPE_UTINYINT:
      return column.at<std::uint8_t>(row);
    case DUCKDB_TYPE_USMALLINT:
      return column.at<std::uint16_t>(row);
    case DUCKDB_TYPE_UINTEGER:
      return column.at<std::uint32_t>(row);
    case DUCKDB_TYPE_UBIGINT:
      return column.at<std::uint64_t>(row);
    case DUCKDB_TYPE_HUGEINT:
      return wide(column.at<duckdb_hugeint>(row));
    default:
      return column.at<std::int64_t>(row);
  }
}

std::optional<Type> plain_type(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return Type{TypeKind::kBoolean};
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
      return Type{TypeKind::kInt};
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UINTEGER:
      return Type{TypeKind::kLong};
    case DUCKDB_TYPE_UBIGINT:
      return data::decimal_type(20, 0);
    case DUCKDB_TYPE_HUGEINT:
      return data::decimal_type(38, 0);
    case DUCKDB_TYPE_DECIMAL:
      return data::decimal_type(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_FLOAT:
      return Type{TypeKind::kFloat};
    case DUCKDB_TYPE_DOUBLE:
      return Type{TypeKind::kDouble};
    case DUCKDB_TYPE_DATE:
      return Type{TypeKind::kDate};
    case DUCKDB_TYPE_TIME:
      return Type{TypeKind::kTime};
    case DUCKDB_TYPE_TIMESTAMP:
      return Type{TypeKind::kTimestamp};
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Type{TypeKind::kTimestamptz};
    case DUCKDB_TYPE_VARCHAR:
      return Type{TypeKind::kString};
    case DUCKDB_TYPE_UUID:
      return Type{TypeKind::kUuid};
    case DUCKDB_TYPE_BLOB:
      return Type{TypeKind::kBinary};
    default:
      return std::nullopt;
  }
}

/// The parts of a nested type, in the order of our fields; none of another type.
std::vector<LogicalType> parts_of(duckdb_logical_type type) {
  std::vector<LogicalType> parts;
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST:
      parts.emplace_back(duckdb_list_type_child_type(type));
      break;
    case DUCKDB_TYPE_MAP:
      parts.emplace_back(duckdb_map_type_key_type(type));
      parts.emplace_back(duckdb_map_type_value_type(type));
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        parts.emplace_back(duckdb_struct_type_child_type(type, i));
      }
      break;
    default:
      break;
  }
  return parts;
}

std::string member_name(duckdb_logical_type type, std::size_t index) {
  char* text = duckdb_struct_type_child_name(type, index);
  std::string name(text);
  duckdb_free(text);
  return name;
}

std::optional<Type> readable_type(duckdb_logical_type type, int depth_left) {
  const std::vector<LogicalType> parts = parts_of(type);
  if (parts.empty()) {
    return plain_type(type);
  }
  std::vector<data::Field> fields;
  for (const LogicalType& part : parts) {
    auto read = depth_left == 0 ? std::nullopt : readable_type(part.get(), depth_left - 1);
    if (!read) {
      return std::nullopt;
    }
    fields.push_back({0, "", *std::move(read), false, ""});
  }
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST:
      return data::list_type(std::move(fields[0].type));
    case DUCKDB_TYPE_MAP:
      return data::map_type(std::move(fields[0].type), std::move(fields[1].type));
    default:
      for (std::size_t i = 0; i < fields.size(); ++i) {
        fields[i].name = member_name(type, i);
        if (fields[i].name.empty()) {
          return std::nullopt;
        }
      }
      return data::struct_type(std::move(fields));
  }
}

Value read_list(const ColumnView& column, std::size_t row, const StoredType& stored,
                const Type& type) {
  const ColumnView::Span span = column.span(row);
  const ColumnView elements = column.child();
  std::vector<Value> items;
  items.reserve(span.end - span.begin);
  for (std::size_t i = span.begin; i < span.end; ++i) {
    items.push_back(read_value(elements, i, stored.parts[0], type.fields[0].type));
  }
  return data::NestedValue(std::move(items));
}

Value read_map(const ColumnView& column, std::size_t row, const StoredType& stored,
               const Type& type) {
  const ColumnView::Span span = column.span(row);
  const ColumnView keys = column.child().field(0);
  const ColumnView values = column.child().field(1);
  std::vector<Value> items;
  items.reserve(2 * (span.end - span.begin));
  for (std::size_t i = span.begin; i < span.end; ++i) {
    items.push_back(read_value(keys, i, stored.parts[0], type.fields[0].type));
    items.push_back(read_value(values, i, stored.parts[1], type.fields[1].type));
  }
  return data::NestedValue(std::move(items));
}

Value read_struct(const ColumnView& column, std::size_t row, const StoredType& stored,
                  const Type& type) {
  std::vector<Value> items;
  items.reserve(type.fields.size());
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    items.push_back(read_value(column.field(i), row, stored.parts[i], type.fields[i].type));
  }
  return data::NestedValue(std::move(items));
}

}  // namespace

std::optional<Type> readable_type(duckdb_logical_type type) {
  return readable_type(type, data::kTypeDepthMax);
}

StoredType stored_type(duckdb_logical_type type) {
  StoredType stored{duckdb_get_type_id(type), {}};
  for (const LogicalType& part : parts_of(type)) {
    stored.parts.push_back(stored_type(part.get()));
  }
  return stored;
}

Value read_value(const ColumnView& column, std::size_t row, const StoredType& stored,
                 const Type& type) {
  if (column.is_null(row)) {
    return {};
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return column.at<bool>(row);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return static_cast<std::int32_t>(integer_at(column, row, stored.id));
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return static_cast<std::int64_t>(integer_at(column, row, stored.id));
    case TypeKind::kFloat:
      return column.at<float>(row);
    case TypeKind::kDouble:
      return column.at<double>(row);
    case TypeKind::kDecimal:
      return stored.id == DUCKDB_TYPE_DECIMAL ? decimal_at(column, row, type.precision)
                                              : integer_at(column, row, stored.id);
    case TypeKind::kUuid:
      return uuid_bytes(column.at<duckdb_hugeint>(row));
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kFixed:
      return std::string(column.text(row));
    case TypeKind::kStruct:
      return read_struct(column, row, stored, type);
    case TypeKind::kList:
      return read_list(column, row, stored, type);
    case TypeKind::kMap:
      return read_map(column, row, stored, type);
  }
  return {};
}

QueryResult::QueryResult(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
QueryResult::QueryResult(QueryResult&&) noexcept = default;
QueryResult& QueryResult::operator=(QueryResult&&) noexcept = default;
QueryResult::~QueryResult() = default;

const std::vector<ResultColumn>& QueryResult::columns() const { return handle_->columns; }

Result<bool> QueryResult::next(const std::function<base::Status(const ChunkView&)>& take) {
  duckdb_data_chunk chunk = duckdb_fetch_chunk(handle_->result);
  if (chunk == nullptr) {
    const char* message = duckdb_result_error(&handle_->result);
    if (message != nullptr && *message != '\0') {
      if (auto own = handle_->errors->take()) {
        return std::move(*own);
      }
      return read_failure(duckdb_result_error_type(&handle_->result), message, "").error;
    }
    return false;
  }
  base::Status taken = take(ChunkView(chunk));
  duckdb_destroy_data_chunk(&chunk);
  if (!taken) {
    return std::move(taken).error();
  }
  return true;
}

Result<std::optional<data::Batch>> QueryResult::next_batch() {
  data::Batch batch;
  for (const ResultColumn& column : handle_->columns) {
    if (!column.type) {
      return base::unsupported("column '" + column.name + "' has a type that no table can hold");
    }
    batch.columns.push_back({column.name, *column.type, {}});
  }
  auto more = next([&](const ChunkView& chunk) -> base::Status {
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      const ColumnView column = chunk.column(i);
      data::Column& to = batch.columns[i];
      to.values.reserve(chunk.rows());
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        to.values.push_back(read_value(column, row, handle_->types[i], to.type));
      }
    }
    return {};
  });
  if (!more) {
    return std::move(more).error();
  }
  return *more ? std::optional(std::move(batch)) : std::nullopt;
}

}  // namespace sluice::duck
