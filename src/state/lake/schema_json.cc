#include "sluice/lake/schema_json.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr std::array<std::string_view, 7> kTypesOfNewerFormats = {
    "unknown", "timestamp_ns", "timestamptz_ns", "variant", "geometry", "geography", "file"};

bool is_newer_type(std::string_view text) {
  for (const std::string_view name : kTypesOfNewerFormats) {
    if (text.substr(0, text.find('(')) == name) {
      return true;
    }
  }
  return false;
}

Result<int> read_id(const json& object, const char* key, std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t id, base::json_int(object, key, what));
  if (id < 0 || id > INT32_MAX) {
    return base::corrupt(fmt::format("{}: '{}' is {}", what, key, id));
  }
  return static_cast<int>(id);
}

/// Reads columns and their types at every level; ids are told apart over the whole schema.
class FieldReader {
 public:
  explicit FieldReader(std::string_view what) : what_(what) {}

  Result<std::vector<data::Field>> read_fields(const json& object, const std::string& path) {
    SLUICE_ASSIGN_OR_RETURN(const json* list, base::json_array(object, "fields", what_));
    std::vector<data::Field> fields;
    std::set<std::string> names;
    for (const json& item : *list) {
      SLUICE_ASSIGN_OR_RETURN(data::Field field, read_field(item, path));
      if (!names.insert(field.name).second) {
        return base::corrupt(
            fmt::format("{}: two columns are named '{}{}'", what_, path, field.name));
      }
      fields.push_back(std::move(field));
    }
    return fields;
  }

  bool has(int id) const { return ids_.contains(id); }

 private:
  Status take_id(const data::Field& field) {
    return ids_.insert(field.id).second
               ? Status()
               : base::corrupt(fmt::format("{}: two columns have field id {}", what_, field.id));
  }

  Result<data::Field> read_field(const json& node, const std::string& path) {
    data::Field field;
    SLUICE_ASSIGN_OR_RETURN(field.id, read_id(node, "id", what_));
    SLUICE_ASSIGN_OR_RETURN(field.name, base::json_string(node, "name", what_));
    SLUICE_ASSIGN_OR_RETURN(field.required, base::json_bool(node, "required", what_));
    SLUICE_ASSIGN_OR_RETURN(const auto doc, base::json_string_if(node, "doc", what_));
    field.doc = doc.value_or("");
    SLUICE_RETURN_IF_ERROR(take_id(field));
    const std::string column = path + field.name;
    if (const auto initial = node.find("initial-default");
        initial != node.end() && !initial->is_null()) {
      return base::unsupported(fmt::format(
          "{}: column '{}' has an initial default, which is not supported", what_, column));
    }
    SLUICE_ASSIGN_OR_RETURN(field.type, read_type(node.value("type", json()), column));
    return field;
  }

  Result<data::Type> read_type(const json& node, const std::string& column) {
    if (node.is_object()) {
      return read_nested(node, column);
    }
    if (!node.is_string()) {
      return base::corrupt(fmt::format("{}: column '{}' has no type", what_, column));
    }
    const auto& text = node.get_ref<const std::string&>();
    if (is_newer_type(text)) {
      return base::unsupported(fmt::format("{}: column '{}' is of type {}, which is not supported",
                                           what_, column, text));
    }
    auto type = data::parse_type(text);
    if (!type || data::is_nested(*type)) {
      return base::corrupt(
          fmt::format("{}: column '{}' is of an unknown type '{}'", what_, column, text));
    }
    return type;
  }

  Result<data::Type> read_nested(const json& node, const std::string& column) {
    SLUICE_ASSIGN_OR_RETURN(const std::string kind, base::json_string(node, "type", what_));
    data::Type type;
    if (kind == "struct") {
      SLUICE_ASSIGN_OR_RETURN(auto members, read_fields(node, column + "."));
      type = data::struct_type(std::move(members));
    } else if (kind == "list") {
      type.kind = data::TypeKind::kList;
      SLUICE_ASSIGN_OR_RETURN(type.fields.emplace_back(), read_part(node, "element", column));
    } else if (kind == "map") {
      type.kind = data::TypeKind::kMap;
      SLUICE_ASSIGN_OR_RETURN(type.fields.emplace_back(), read_part(node, "key", column));
      SLUICE_ASSIGN_OR_RETURN(type.fields.emplace_back(), read_part(node, "value", column));
    } else {
      return base::corrupt(
          fmt::format("{}: column '{}' is of an unknown type '{}'", what_, column, kind));
    }
    if (!data::is_well_formed(type)) {
      return base::unsupported(
          fmt::format("{}: column '{}' {}", what_, column,
                      type.fields.empty() ? "is a struct without members" : "nests too deep"));
    }
    return type;
  }

  /// Reads one part of a list or map: `element`, `element-id`, `element-required`.
  Result<data::Field> read_part(const json& node, const std::string& name,
                                const std::string& column) {
    data::Field part;
    part.name = name;
    SLUICE_ASSIGN_OR_RETURN(part.id, read_id(node, (name + "-id").c_str(), what_));
    SLUICE_RETURN_IF_ERROR(take_id(part));
    part.required = true;  // as every key is
    if (name != "key") {
      SLUICE_ASSIGN_OR_RETURN(part.required,
                              base::json_bool(node, (name + "-required").c_str(), what_));
    }
    SLUICE_ASSIGN_OR_RETURN(part.type, read_type(node.value(name, json()), column + "." + name));
    return part;
  }

  const std::string_view what_;
  std::set<int> ids_;
};

json fields_json(const std::vector<data::Field>& fields);

json type_json(const data::Type& type) {
  if (type.kind == data::TypeKind::kStruct) {
    return {{"type", "struct"}, {"fields", fields_json(type.fields)}};
  }
  if (!data::is_nested(type)) {
    return data::to_text(type);
  }
  json node = {{"type", type.kind == data::TypeKind::kList ? "list" : "map"}};
  for (const data::Field& part : type.fields) {
    node[part.name + "-id"] = part.id;
    node[part.name] = type_json(part.type);
    if (part.name != "key") {
      node[part.name + "-required"] = part.required;
    }
  }
  return node;
}

json fields_json(const std::vector<data::Field>& fields) {
  json list = json::array();
  for (const data::Field& field : fields) {
    json node = {{"id", field.id},
                 {"name", field.name},
                 {"required", field.required},
                 {"type", type_json(field.type)}};
    if (!field.doc.empty()) {
      node["doc"] = field.doc;
    }
    list.push_back(std::move(node));
  }
  return list;
}

}  // namespace

json to_json(const data::Schema& schema) {
  json node = {
      {"type", "struct"}, {"schema-id", schema.schema_id}, {"fields", fields_json(schema.fields)}};
  if (!schema.identifier_field_ids.empty()) {
    node["identifier-field-ids"] = schema.identifier_field_ids;
  }
  return node;
}

Result<data::Schema> schema_from_json(const json& node, std::string_view what) {
  data::Schema schema;
  SLUICE_ASSIGN_OR_RETURN(const auto schema_id, base::json_int_if(node, "schema-id", what));
  schema.schema_id = static_cast<int>(schema_id.value_or(0));
  FieldReader reader(what);
  SLUICE_ASSIGN_OR_RETURN(schema.fields, reader.read_fields(node, ""));
  if (const auto keys = node.find("identifier-field-ids"); keys != node.end() && !keys->is_null()) {
    SLUICE_RETURN_IF_ERROR(base::json_array(node, "identifier-field-ids", what));
    for (const json& key : *keys) {
      if (!key.is_number_integer() || !reader.has(key.get<int>())) {
        return base::corrupt(
            fmt::format("{}: identifier field {} is not a column", what, key.dump()));
      }
      schema.identifier_field_ids.push_back(key.get<int>());
    }
  }
  return schema;
}

}  // namespace sluice::lake
