#include "sluice/lake/schema_json.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
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

Result<data::Type> read_type(const json& node, std::string_view column, std::string_view what) {
  if (node.is_object()) {
    const auto kind = base::json_string(node, "type", what);
    return base::unsupported(fmt::format("{}: column '{}' is a {}; nested types are not supported",
                                         what, column, kind ? *kind : "nested type"));
  }
  if (!node.is_string()) {
    return base::corrupt(fmt::format("{}: column '{}' has no type", what, column));
  }
  const auto& text = node.get_ref<const std::string&>();
  if (is_newer_type(text)) {
    return base::unsupported(
        fmt::format("{}: column '{}' is of type {}, which is not supported", what, column, text));
  }
  auto type = data::parse_type(text);
  if (!type || data::is_nested(*type)) {
    return base::corrupt(
        fmt::format("{}: column '{}' is of an unknown type '{}'", what, column, text));
  }
  return type;
}

Result<int> read_id(const json& object, const char* key, std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t id, base::json_int(object, key, what));
  if (id < 0 || id > INT32_MAX) {
    return base::corrupt(fmt::format("{}: '{}' is {}", what, key, id));
  }
  return static_cast<int>(id);
}

Result<data::Field> read_field(const json& node, std::string_view what) {
  data::Field field;
  SLUICE_ASSIGN_OR_RETURN(field.id, read_id(node, "id", what));
  SLUICE_ASSIGN_OR_RETURN(field.name, base::json_string(node, "name", what));
  SLUICE_ASSIGN_OR_RETURN(field.required, base::json_bool(node, "required", what));
  SLUICE_ASSIGN_OR_RETURN(const auto doc, base::json_string_if(node, "doc", what));
  field.doc = doc.value_or("");
  if (const auto initial = node.find("initial-default");
      initial != node.end() && !initial->is_null()) {
    return base::unsupported(fmt::format(
        "{}: column '{}' has an initial default, which is not supported", what, field.name));
  }
  SLUICE_ASSIGN_OR_RETURN(field.type, read_type(node.value("type", json()), field.name, what));
  return field;
}

}  // namespace

json to_json(const data::Schema& schema) {
  json fields = json::array();
  for (const data::Field& field : schema.fields) {
    json node = {{"id", field.id},
                 {"name", field.name},
                 {"required", field.required},
                 {"type", data::to_text(field.type)}};
    if (!field.doc.empty()) {
      node["doc"] = field.doc;
    }
    fields.push_back(std::move(node));
  }
  json node = {{"type", "struct"}, {"schema-id", schema.schema_id}, {"fields", std::move(fields)}};
  if (!schema.identifier_field_ids.empty()) {
    node["identifier-field-ids"] = schema.identifier_field_ids;
  }
  return node;
}

Result<data::Schema> schema_from_json(const json& node, std::string_view what) {
  data::Schema schema;
  SLUICE_ASSIGN_OR_RETURN(const auto schema_id, base::json_int_if(node, "schema-id", what));
  schema.schema_id = static_cast<int>(schema_id.value_or(0));
  SLUICE_ASSIGN_OR_RETURN(const json* fields, base::json_array(node, "fields", what));
  std::set<int> ids;
  std::set<std::string> names;
  for (const json& item : *fields) {
    SLUICE_ASSIGN_OR_RETURN(data::Field field, read_field(item, what));
    if (!ids.insert(field.id).second) {
      return base::corrupt(fmt::format("{}: two columns have field id {}", what, field.id));
    }
    if (!names.insert(field.name).second) {
      return base::corrupt(fmt::format("{}: two columns are named '{}'", what, field.name));
    }
    schema.fields.push_back(std::move(field));
  }
  if (const auto keys = node.find("identifier-field-ids"); keys != node.end() && !keys->is_null()) {
    SLUICE_RETURN_IF_ERROR(base::json_array(node, "identifier-field-ids", what));
    for (const json& key : *keys) {
      if (!key.is_number_integer() || !ids.contains(key.get<int>())) {
        return base::corrupt(
            fmt::format("{}: identifier field {} is not a column", what, key.dump()));
      }
      schema.identifier_field_ids.push_back(key.get<int>());
    }
  }
  return schema;
}

}  // namespace sluice::lake
