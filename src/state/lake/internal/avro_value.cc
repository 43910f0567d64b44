#include "sluice/lake/internal/avro_value.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "sluice/data/decimal_bytes.h"
#include "sluice/lake/bounds.h"

namespace sluice::lake {

namespace {

using avro::Datum;
using avro::Kind;
using base::Result;
using data::Type;
using data::TypeKind;
using data::Value;

/// Returns how many bytes a two's complement of `precision` decimal digits needs.
std::size_t decimal_size(int precision) {
  data::Int128 largest = 0;
  for (int i = 0; i < precision; ++i) {
    largest = largest * 10 + 9;
  }
  return data::decimal_bytes(largest).size();
}

avro::SchemaPtr decimal_type(const Type& type) {
  auto schema = std::make_shared<avro::Schema>(
      *avro::fixed(fmt::format("decimal_{}_{}", type.precision, type.scale),
                   decimal_size(type.precision), "decimal"));
  schema->precision = type.precision;
  schema->scale = type.scale;
  return schema;
}

avro::SchemaPtr timestamp_type(bool utc) {
  auto schema = std::make_shared<avro::Schema>(*avro::primitive(Kind::kLong, "timestamp-micros"));
  schema->adjust_to_utc = utc;
  return schema;
}

std::string sign_extended(std::string bytes, std::size_t size) {
  const char padding = (bytes[0] & 0x80) != 0 ? '\xFF' : '\0';
  if (bytes.size() < size) {
    bytes.insert(0, size - bytes.size(), padding);
  }
  return bytes;
}

template <class Held, class Stored>
Result<Datum> stored_as(const Value& value, const Type& type) {
  const Held* held = std::get_if<Held>(&value);
  if (held == nullptr) {
    return base::invalid_input(fmt::format("the value is not of type {}", data::to_text(type)));
  }
  return Datum(static_cast<Stored>(*held));
}

template <class Stored, class Held>
Result<Value> held_as(const Datum& datum) {
  const Stored* stored = std::get_if<Stored>(&datum.held);
  if (stored == nullptr) {
    return base::corrupt("a stored value is of another type than its schema says");
  }
  return Value(static_cast<Held>(*stored));
}

Result<Type> type_of_long(const avro::Schema& schema) {
  if (schema.logical_type.empty()) {
    return Type{TypeKind::kLong};
  }
  if (schema.logical_type == "time-micros") {
    return Type{TypeKind::kTime};
  }
  if (schema.logical_type == "timestamp-micros") {
    return Type{schema.adjust_to_utc ? TypeKind::kTimestamptz : TypeKind::kTimestamp};
  }
  return base::unsupported(fmt::format("Avro type {} is not built", schema.logical_type));
}

Result<Type> type_of_fixed(const avro::Schema& schema) {
  if (schema.logical_type == "uuid" && schema.size == 16) {
    return Type{TypeKind::kUuid};
  }
  if (schema.logical_type == "decimal") {
    if (schema.precision < 1 || schema.precision > 38 || schema.scale < 0 ||
        schema.scale > schema.precision || schema.size < 1 || schema.size > 16) {
      return base::corrupt("an Avro decimal has a wrong precision, scale or size");
    }
    return data::decimal_type(schema.precision, schema.scale);
  }
  return Type{TypeKind::kFixed, 0, 0, static_cast<int>(schema.size)};
}

}  // namespace

avro::SchemaPtr avro_type(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return avro::primitive(Kind::kBoolean);
    case TypeKind::kInt:
      return avro::primitive(Kind::kInt);
    case TypeKind::kLong:
      return avro::primitive(Kind::kLong);
    case TypeKind::kFloat:
      return avro::primitive(Kind::kFloat);
    case TypeKind::kDouble:
      return avro::primitive(Kind::kDouble);
    case TypeKind::kDecimal:
      return decimal_type(type);
    case TypeKind::kDate:
      return avro::primitive(Kind::kInt, "date");
    case TypeKind::kTime:
      return avro::primitive(Kind::kLong, "time-micros");
    case TypeKind::kTimestamp:
      return timestamp_type(false);
    case TypeKind::kTimestamptz:
      return timestamp_type(true);
    case TypeKind::kString:
      return avro::primitive(Kind::kString);
    case TypeKind::kUuid:
      return avro::fixed("uuid_fixed", 16, "uuid");
    case TypeKind::kFixed:
      return avro::fixed(fmt::format("fixed_{}", type.length),
                         static_cast<std::size_t>(type.length));
    case TypeKind::kBinary:
      return avro::primitive(Kind::kBytes);
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      break;  // no transform yields one
  }
  return nullptr;
}

Result<Type> type_of(const avro::Schema& schema) {
  switch (schema.kind) {
    case Kind::kOptional:
      return type_of(*schema.item);
    case Kind::kBoolean:
      return Type{TypeKind::kBoolean};
    case Kind::kInt:
      return Type{schema.logical_type == "date" ? TypeKind::kDate : TypeKind::kInt};
    case Kind::kLong:
      return type_of_long(schema);
    case Kind::kFloat:
      return Type{TypeKind::kFloat};
    case Kind::kDouble:
      return Type{TypeKind::kDouble};
    case Kind::kString:
      return Type{TypeKind::kString};
    case Kind::kBytes:
      return Type{TypeKind::kBinary};
    case Kind::kFixed:
      return type_of_fixed(schema);
    case Kind::kNull:  // a void field whose column is gone
      return Type{TypeKind::kString};
    case Kind::kEnum:
    case Kind::kRecord:
    case Kind::kArray:
    case Kind::kMap:
      break;
  }
  return base::unsupported("a partition value of a nested Avro type is not built");
}

Result<Datum> to_datum(const Value& value, const Type& type) {
  if (data::is_null(value)) {
    return Datum();
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return stored_as<bool, bool>(value, type);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return stored_as<std::int32_t, std::int64_t>(value, type);
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return stored_as<std::int64_t, std::int64_t>(value, type);
    case TypeKind::kFloat:
      return stored_as<float, float>(value, type);
    case TypeKind::kDouble:
      return stored_as<double, double>(value, type);
    case TypeKind::kDecimal: {
      SLUICE_ASSIGN_OR_RETURN(std::string bytes, encode_value(value, type));
      const std::size_t size = decimal_size(type.precision);
      if (bytes.size() > size) {
        return base::invalid_input(fmt::format("a decimal does not fit {}", data::to_text(type)));
      }
      return Datum(sign_extended(std::move(bytes), size));
    }
    case TypeKind::kString:
    case TypeKind::kUuid:
    case TypeKind::kFixed:
    case TypeKind::kBinary: {
      SLUICE_ASSIGN_OR_RETURN(std::string bytes, encode_value(value, type));
      return Datum(std::move(bytes));
    }
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      break;
  }
  return base::internal_error("to_datum: a partition value is of a primitive type");
}

Result<Value> from_datum(const Datum& datum, const Type& type) {
  if (datum.is_null()) {
    return Value();
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return held_as<bool, bool>(datum);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return held_as<std::int64_t, std::int32_t>(datum);
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return held_as<std::int64_t, std::int64_t>(datum);
    case TypeKind::kFloat:
      return held_as<float, float>(datum);
    case TypeKind::kDouble:
      return held_as<double, double>(datum);
    case TypeKind::kDecimal: {
      const auto* bytes = std::get_if<std::string>(&datum.held);
      if (bytes == nullptr) {
        return base::corrupt("a stored decimal is not of a fixed type");
      }
      SLUICE_ASSIGN_OR_RETURN(const data::Int128 unscaled, decimal_from_bytes(*bytes));
      return Value(unscaled);
    }
    case TypeKind::kString:
    case TypeKind::kUuid:
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return held_as<std::string, std::string>(datum);
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      break;
  }
  return base::internal_error("from_datum: a partition value is of a primitive type");
}

}  // namespace sluice::lake
