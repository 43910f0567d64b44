#include "sluice/base/json_fields.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sluice::base {

namespace {

using nlohmann::json;

Error wrong_field(std::string_view what, const char* key, std::string_view expected) {
  return corrupt(fmt::format("{}: field '{}' is missing or not {}", what, key, expected));
}

const json* find(const json& object, const char* key) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// Says whether brackets nest deeper than allowed, so that parsing cannot exhaust the stack.
bool too_deep(std::string_view text, int depth_max) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) {
        return true;
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<json> parse_json(std::string_view text, std::string_view what, int depth_max) {
  if (too_deep(text, depth_max)) {
    return corrupt(fmt::format("{}: nested deeper than {}", what, depth_max));
  }
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    return corrupt(fmt::format("{}: not JSON at byte {}: {}", what, error.byte, error.what()));
  } catch (const json::exception& error) {
    return corrupt(fmt::format("{}: not JSON: {}", what, error.what()));
  }
}

Result<std::string> json_string(const json& object, const char* key, std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || !field->is_string()) {
    return wrong_field(what, key, "text");
  }
  return field->get<std::string>();
}

Result<std::int64_t> json_int(const json& object, const char* key, std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || !field->is_number_integer()) {
    return wrong_field(what, key, "an integer");
  }
  return field->get<std::int64_t>();
}

Result<bool> json_bool(const json& object, const char* key, std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || !field->is_boolean()) {
    return wrong_field(what, key, "true or false");
  }
  return field->get<bool>();
}

Result<std::optional<std::string>> json_string_if(const json& object, const char* key,
                                                  std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || field->is_null()) {
    return std::optional<std::string>();
  }
  SLUICE_ASSIGN_OR_RETURN(std::string value, json_string(object, key, what));
  return std::optional<std::string>(std::move(value));
}

Result<std::optional<std::int64_t>> json_int_if(const json& object, const char* key,
                                                std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || field->is_null()) {
    return std::optional<std::int64_t>();
  }
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t value, json_int(object, key, what));
  return std::optional<std::int64_t>(value);
}

Result<const json*> json_array(const json& object, const char* key, std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || !field->is_array()) {
    return wrong_field(what, key, "a list");
  }
  return field;
}

Result<const json*> json_object(const json& object, const char* key, std::string_view what) {
  const json* field = find(object, key);
  if (field == nullptr || !field->is_object()) {
    return wrong_field(what, key, "an object");
  }
  return field;
}

}  // namespace sluice::base
