#include "sluice/lake/avro/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/json_fields.h"

namespace sluice::lake::avro {

namespace {

using base::Result;
using nlohmann::json;

// Values of a type, counted with those of its parts, that a schema may expand to. Named types can
// be used more than once, so that a short schema could describe an endless value.
constexpr std::size_t kExpandedMax = 20'000;
constexpr std::size_t kFixedBytesMax = 1 << 20;
constexpr int kDepthMax = 32;

constexpr std::array<std::pair<std::string_view, Kind>, 8> kPrimitives = {{
    {"null", Kind::kNull},
    {"boolean", Kind::kBoolean},
    {"int", Kind::kInt},
    {"long", Kind::kLong},
    {"float", Kind::kFloat},
    {"double", Kind::kDouble},
    {"bytes", Kind::kBytes},
    {"string", Kind::kString},
}};

const Kind* find_primitive(std::string_view name) {
  for (const auto& [text, kind] : kPrimitives) {
    if (text == name) {
      return &kind;
    }
  }
  return nullptr;
}

/// Parses one schema document; remembers named types and how large everything expands.
class SchemaParser {
 public:
  explicit SchemaParser(std::string_view what) : what_(what) {}

  Result<SchemaPtr> parse(const json& node, int depth);

 private:
  struct Extent {
    std::size_t values = 1;  // expanded, arrays counted once
    bool empty = false;      // takes no byte
  };

  base::Error corrupt(std::string_view reason) const {
    return base::corrupt(fmt::format("{}: its Avro schema {}", what_, reason));
  }

  Result<SchemaPtr> parse_named(const std::string& name);
  Result<SchemaPtr> parse_union(const json& node, int depth);
  Result<SchemaPtr> parse_complex(const json& node, const std::string& type, int depth);
  Result<SchemaPtr> parse_record(const json& node, int depth);
  Result<SchemaPtr> parse_sized(const json& node, Kind kind);
  Result<SchemaPtr> parse_items(const json& node, Kind kind, int depth);
  Result<SchemaPtr> finish(std::shared_ptr<Schema> schema, const json& node);

  std::string_view what_;
  std::map<std::string, SchemaPtr> named_;
  std::map<const Schema*, Extent> extents_;
};

Result<SchemaPtr> SchemaParser::parse(const json& node, int depth) {
  if (depth > kDepthMax) {
    return corrupt("nests too deep");
  }
  if (node.is_string()) {
    return parse_named(node.get<std::string>());
  }
  if (node.is_array()) {
    return parse_union(node, depth);
  }
  if (!node.is_object() || !node.contains("type")) {
    return corrupt("has a part without type");
  }
  const json& type = node.at("type");
  if (!type.is_string()) {
    return parse(type, depth + 1);
  }
  return parse_complex(node, type.get<std::string>(), depth);
}

Result<SchemaPtr> SchemaParser::parse_named(const std::string& name) {
  if (const Kind* kind = find_primitive(name)) {
    auto schema = std::make_shared<Schema>();
    schema->kind = *kind;
    return finish(std::move(schema), json::object());
  }
  const auto found = named_.find(name);
  if (found == named_.end()) {
    return corrupt(fmt::format("uses type '{}' before it is defined", name));
  }
  return found->second;
}

Result<SchemaPtr> SchemaParser::parse_union(const json& node, int depth) {
  const auto is_null = [](const json& branch) { return branch.is_string() && branch == "null"; };
  if (node.size() == 1 && !is_null(node[0])) {
    return base::unsupported(fmt::format("{}: an Avro union of one type is not built", what_));
  }
  if (node.size() != 2 || is_null(node[0]) == is_null(node[1])) {
    return base::unsupported(
        fmt::format("{}: an Avro union other than of null and one type is not built", what_));
  }
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kOptional;
  schema->null_first = is_null(node[0]);
  SLUICE_ASSIGN_OR_RETURN(schema->item, parse(node[schema->null_first ? 1 : 0], depth + 1));
  if (schema->item->kind == Kind::kOptional) {
    return corrupt("has a union directly inside a union");
  }
  return finish(std::move(schema), json::object());
}

Result<SchemaPtr> SchemaParser::parse_complex(const json& node, const std::string& type,
                                              int depth) {
  if (type == "record") {
    return parse_record(node, depth);
  }
  if (type == "array" || type == "map") {
    return parse_items(node, type == "array" ? Kind::kArray : Kind::kMap, depth);
  }
  if (type == "fixed" || type == "enum") {
    return parse_sized(node, type == "fixed" ? Kind::kFixed : Kind::kEnum);
  }
  if (const Kind* kind = find_primitive(type)) {
    auto schema = std::make_shared<Schema>();
    schema->kind = *kind;
    return finish(std::move(schema), node);
  }
  return parse_named(type);
}

Result<SchemaPtr> SchemaParser::parse_record(const json& node, int depth) {
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kRecord;
  SLUICE_ASSIGN_OR_RETURN(schema->name, base::json_string(node, "name", what_));
  SLUICE_ASSIGN_OR_RETURN(const json* fields, base::json_array(node, "fields", what_));
  for (const json& item : *fields) {
    Field field;
    SLUICE_ASSIGN_OR_RETURN(field.name, base::json_string(item, "name", what_));
    SLUICE_ASSIGN_OR_RETURN(const auto id, base::json_int_if(item, "field-id", what_));
    field.id = static_cast<int>(id.value_or(kNoId));
    if (!item.contains("type")) {
      return corrupt(fmt::format("has a field '{}' without type", field.name));
    }
    SLUICE_ASSIGN_OR_RETURN(field.type, parse(item.at("type"), depth + 1));
    if (field.id != kNoId && schema->index_of(field.id) >= 0) {
      return corrupt(fmt::format("gives field id {} twice", field.id));
    }
    schema->fields.push_back(std::move(field));
  }
  return finish(std::move(schema), node);
}

Result<SchemaPtr> SchemaParser::parse_sized(const json& node, Kind kind) {
  auto schema = std::make_shared<Schema>();
  schema->kind = kind;
  SLUICE_ASSIGN_OR_RETURN(schema->name, base::json_string(node, "name", what_));
  if (kind == Kind::kEnum) {
    SLUICE_ASSIGN_OR_RETURN(const json* symbols, base::json_array(node, "symbols", what_));
    schema->size = symbols->size();
  } else {
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t size, base::json_int(node, "size", what_));
    if (size < 0 || static_cast<std::uint64_t>(size) > kFixedBytesMax) {
      return corrupt(fmt::format("has a fixed of {} bytes", size));
    }
    schema->size = static_cast<std::size_t>(size);
  }
  return finish(std::move(schema), node);
}

Result<SchemaPtr> SchemaParser::parse_items(const json& node, Kind kind, int depth) {
  auto schema = std::make_shared<Schema>();
  schema->kind = kind;
  const char* key = kind == Kind::kArray ? "items" : "values";
  if (!node.contains(key)) {
    return corrupt(fmt::format("has an array or map without '{}'", key));
  }
  SLUICE_ASSIGN_OR_RETURN(schema->item, parse(node.at(key), depth + 1));
  SLUICE_ASSIGN_OR_RETURN(const auto id, base::json_int_if(node, "element-id", what_));
  schema->element_id = static_cast<int>(id.value_or(kNoId));
  if (kind == Kind::kArray && extents_[schema->item.get()].empty) {
    return base::unsupported(fmt::format("{}: an Avro array of empty items is not built", what_));
  }
  return finish(std::move(schema), node);
}

Result<SchemaPtr> SchemaParser::finish(std::shared_ptr<Schema> schema, const json& node) {
  SLUICE_ASSIGN_OR_RETURN(const auto logical, base::json_string_if(node, "logicalType", what_));
  schema->logical_type = logical.value_or("");
  SLUICE_ASSIGN_OR_RETURN(const auto precision, base::json_int_if(node, "precision", what_));
  SLUICE_ASSIGN_OR_RETURN(const auto scale, base::json_int_if(node, "scale", what_));
  schema->precision = static_cast<int>(precision.value_or(0));
  schema->scale = static_cast<int>(scale.value_or(0));
  const auto adjust = node.find("adjust-to-utc");
  schema->adjust_to_utc = adjust != node.end() && adjust->is_boolean() && adjust->get<bool>();

  Extent extent;
  extent.empty = schema->kind == Kind::kNull || schema->kind == Kind::kRecord ||
                 (schema->kind == Kind::kFixed && schema->size == 0);
  for (const Field& field : schema->fields) {
    const Extent& part = extents_[field.type.get()];
    extent.values += part.values;
    extent.empty = extent.empty && part.empty;
  }
  if (schema->item != nullptr) {
    extent.values += extents_[schema->item.get()].values;
  }
  if (extent.values > kExpandedMax) {
    return base::unsupported(fmt::format("{}: its Avro schema expands too far", what_));
  }
  extents_[schema.get()] = extent;
  SchemaPtr done = std::move(schema);
  if (!done->name.empty() && !named_.emplace(done->name, done).second) {
    return corrupt(fmt::format("defines type '{}' twice", done->name));
  }
  // Keeps unnamed types alive, so that no later one gets the address of an earlier one.
  if (done->name.empty()) {
    named_.emplace(fmt::format("#{}", named_.size()), done);
  }
  return done;
}

std::string_view kind_name(Kind kind) {
  for (const auto& [text, primitive_kind] : kPrimitives) {
    if (primitive_kind == kind) {
      return text;
    }
  }
  return "";
}

json to_node(const Schema& schema, std::set<std::string>& written);

json record_node(const Schema& schema, std::set<std::string>& written) {
  json fields = json::array();
  for (const Field& field : schema.fields) {
    json node = {{"name", field.name}, {"type", to_node(*field.type, written)}};
    if (field.type->kind == Kind::kOptional) {
      node["default"] = nullptr;
    }
    if (field.id != kNoId) {
      node["field-id"] = field.id;
    }
    fields.push_back(std::move(node));
  }
  return {{"type", "record"}, {"name", schema.name}, {"fields", std::move(fields)}};
}

json to_node(const Schema& schema, std::set<std::string>& written) {
  if (!schema.name.empty() && !written.insert(schema.name).second) {
    return schema.name;
  }
  json node;
  switch (schema.kind) {
    case Kind::kRecord:
      node = record_node(schema, written);
      break;
    case Kind::kOptional:
      return json::array({"null", to_node(*schema.item, written)});
    case Kind::kArray:
      node = {{"type", "array"}, {"items", to_node(*schema.item, written)}};
      if (schema.element_id != kNoId) {
        node["element-id"] = schema.element_id;
      }
      break;
    case Kind::kMap:
      node = {{"type", "map"}, {"values", to_node(*schema.item, written)}};
      break;
    case Kind::kFixed:
      node = {{"type", "fixed"}, {"name", schema.name}, {"size", schema.size}};
      break;
    default:
      if (schema.logical_type.empty()) {
        return kind_name(schema.kind);
      }
      node = {{"type", kind_name(schema.kind)}};
  }
  if (!schema.logical_type.empty()) {
    node["logicalType"] = schema.logical_type;
  }
  if (schema.logical_type == "decimal") {
    node["precision"] = schema.precision;
    node["scale"] = schema.scale;
  }
  if (schema.logical_type == "timestamp-micros") {
    node["adjust-to-utc"] = schema.adjust_to_utc;
  }
  return node;
}

}  // namespace

int Schema::index_of(int field_id) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].id == field_id) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

Result<SchemaPtr> parse_schema(std::string_view text, std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const json document,
                          base::parse_json(text, fmt::format("{} (Avro schema)", what)));
  return SchemaParser(what).parse(document, 0);
}

std::string to_json(const Schema& schema) {
  std::set<std::string> written;
  return to_node(schema, written).dump();
}

SchemaPtr primitive(Kind kind, std::string logical_type) {
  auto schema = std::make_shared<Schema>();
  schema->kind = kind;
  schema->logical_type = std::move(logical_type);
  return schema;
}

SchemaPtr fixed(std::string name, std::size_t size, std::string logical_type) {
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kFixed;
  schema->name = std::move(name);
  schema->size = size;
  schema->logical_type = std::move(logical_type);
  return schema;
}

SchemaPtr record(std::string name, std::vector<Field> fields) {
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kRecord;
  schema->name = std::move(name);
  schema->fields = std::move(fields);
  return schema;
}

SchemaPtr array(SchemaPtr item, int element_id) {
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kArray;
  schema->item = std::move(item);
  schema->element_id = element_id;
  return schema;
}

SchemaPtr optional(SchemaPtr item) {
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kOptional;
  schema->item = std::move(item);
  return schema;
}

SchemaPtr int_keyed_map(int key_id, int value_id, SchemaPtr value) {
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kArray;
  schema->logical_type = "map";
  schema->item =
      record(fmt::format("k{}_v{}", key_id, value_id),
             {{"key", key_id, primitive(Kind::kInt)}, {"value", value_id, std::move(value)}});
  return schema;
}

std::string legal_name(std::string_view name) {
  std::string legal;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (letter || (digit && !legal.empty())) {
      legal += c;
    } else if (digit) {
      legal += '_';
      legal += c;
    } else {
      legal += fmt::format("_x{:X}", static_cast<unsigned char>(c));
    }
  }
  return legal.empty() ? "_" : legal;
}

}  // namespace sluice::lake::avro
