#include "sluice/duck/internal/logical_type.h"

#include <cstdint>
#include <vector>

namespace sluice::duck {

namespace {

using data::Type;
using data::TypeKind;

duckdb_type id_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case TypeKind::kInt:
      return DUCKDB_TYPE_INTEGER;
    case TypeKind::kLong:
      return DUCKDB_TYPE_BIGINT;
    case TypeKind::kFloat:
      return DUCKDB_TYPE_FLOAT;
    case TypeKind::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case TypeKind::kDate:
      return DUCKDB_TYPE_DATE;
    case TypeKind::kTime:
      return DUCKDB_TYPE_TIME;
    case TypeKind::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case TypeKind::kTimestamptz:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case TypeKind::kUuid:
      return DUCKDB_TYPE_UUID;
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return DUCKDB_TYPE_BLOB;
    default:
      return DUCKDB_TYPE_VARCHAR;
  }
}

}  // namespace

LogicalType logical_type(const Type& type) {
  if (type.kind == TypeKind::kDecimal) {
    return LogicalType(duckdb_create_decimal_type(static_cast<std::uint8_t>(type.precision),
                                                  static_cast<std::uint8_t>(type.scale)));
  }
  if (!data::is_nested(type)) {
    return LogicalType(duckdb_create_logical_type(id_of(type.kind)));
  }
  std::vector<LogicalType> parts;
  std::vector<duckdb_logical_type> handles;
  std::vector<const char*> names;
  for (const data::Field& field : type.fields) {
    parts.push_back(logical_type(field.type));
    handles.push_back(parts.back().get());
    names.push_back(field.name.c_str());
  }
  switch (type.kind) {
    case TypeKind::kList:
      return LogicalType(duckdb_create_list_type(handles[0]));
    case TypeKind::kMap:
      return LogicalType(duckdb_create_map_type(handles[0], handles[1]));
    default:
      return LogicalType(duckdb_create_struct_type(handles.data(), names.data(), handles.size()));
  }
}

}  // namespace sluice::duck
