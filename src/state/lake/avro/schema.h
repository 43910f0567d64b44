#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::lake::avro {

enum class Kind : std::uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,     // `size` bytes
  kEnum,      // `size` symbols
  kRecord,    // `fields`
  kArray,     // of `item`
  kMap,       // from text to `item`
  kOptional,  // a union of null and `item`
};

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

inline constexpr int kNoId = -1;

struct Field {
  std::string name;
  int id = kNoId;  // Iceberg's `field-id`
  SchemaPtr type;
};

/// An Avro schema (Avro 1.11, "Schema Declaration") with Iceberg's attributes (Iceberg spec,
/// "Appendix A: Avro"). Unions other than that of null and one type are not built.
struct Schema {
  Kind kind = Kind::kNull;
  std::string name;  // of records, fixed, enums
  std::string logical_type;
  bool adjust_to_utc = false;  // timestamp-micros only
  int precision = 0;           // decimal
  int scale = 0;               // decimal
  std::size_t size = 0;        // kFixed, kEnum
  std::vector<Field> fields;   // kRecord
  SchemaPtr item;              // kArray, kMap, kOptional
  int element_id = kNoId;      // kArray
  bool null_first = true;      // kOptional: which branch of the union null is

  /// Returns the position of the record's field with that field id, or -1.
  int index_of(int field_id) const;
};

/// Parses a schema's JSON. kCorrupt when malformed or when a name is not defined before its use;
/// kUnsupported for other unions, recursive types and types of unreasonable size.
base::Result<SchemaPtr> parse_schema(std::string_view json, std::string_view what);

/// Writes the schema as JSON; named types are written out where they first occur.
std::string to_json(const Schema& schema);

SchemaPtr primitive(Kind kind, std::string logical_type = {});
SchemaPtr fixed(std::string name, std::size_t size, std::string logical_type = {});
SchemaPtr record(std::string name, std::vector<Field> fields);
SchemaPtr array(SchemaPtr item, int element_id);
SchemaPtr optional(SchemaPtr item);

/// Returns an Iceberg map with keys that are not text: an array of key and value records.
SchemaPtr int_keyed_map(int key_id, int value_id, SchemaPtr value);

/// Returns `name` as a legal Avro name, with Iceberg's escapes: `a b` is `a_x20b`.
std::string legal_name(std::string_view name);

}  // namespace sluice::lake::avro
