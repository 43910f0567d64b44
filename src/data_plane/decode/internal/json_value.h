#pragma once

#include <simdjson.h>

#include <string_view>

#include "sluice/decode/internal/plain_json.h"

namespace sluice::decode {

/// A token less the blanks behind it.
inline std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') {
    token.remove_suffix(1);
  }
  return token;
}

/// Reads a number, true, false or null as it is written. simdjson looks at a number only when its
/// value is asked for.
inline simdjson::error_code read_json_token(simdjson::ondemand::value& value,
                                            simdjson::ondemand::json_type type,
                                            std::string_view& text) {
  namespace ondemand = simdjson::ondemand;
  using simdjson::error_code;
  text = trimmed(value.raw_json_token());
  switch (type) {
    case ondemand::json_type::number:
      return is_json_number(text) ? simdjson::SUCCESS : simdjson::NUMBER_ERROR;
    case ondemand::json_type::boolean: {
      bool taken = false;
      return value.get_bool().get(taken);
    }
    default: {
      bool taken = false;
      if (const error_code error = value.is_null().get(taken)) {
        return error;
      }
      return taken ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
  }
}

/// Passes over a value and makes sure that it is JSON.
inline simdjson::error_code skip_json(simdjson::ondemand::value& value, int depth = 0) {
  namespace ondemand = simdjson::ondemand;
  using simdjson::error_code;
  constexpr int kDepthMax = 1024;
  ondemand::json_type type;
  if (const error_code error = value.type().get(type)) {
    return error;
  }
  if (depth > kDepthMax) {
    return simdjson::DEPTH_ERROR;
  }
  std::string_view text;
  switch (type) {
    case ondemand::json_type::string:
      return value.get_string().get(text);
    case ondemand::json_type::object: {
      ondemand::object object;
      if (const error_code error = value.get_object().get(object)) {
        return error;
      }
      for (auto field : object) {
        ondemand::value member;
        if (const error_code error = field.value().get(member)) {
          return error;
        }
        if (const error_code error = skip_json(member, depth + 1)) {
          return error;
        }
      }
      return simdjson::SUCCESS;
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      if (const error_code error = value.get_array().get(array)) {
        return error;
      }
      for (auto item : array) {
        ondemand::value element;
        if (const error_code error = item.get(element)) {
          return error;
        }
        if (const error_code error = skip_json(element, depth + 1)) {
          return error;
        }
      }
      return simdjson::SUCCESS;
    }
    default:
      return read_json_token(value, type, text);
  }
}

/// Reads a key, its escapes undone.
template <class Field>
simdjson::error_code read_json_key(Field& field, std::string_view& key) {
  std::string_view raw;
  if (const simdjson::error_code error = field.escaped_key().get(raw)) {
    return error;
  }
  key = raw;
  if (raw.find('\\') != std::string_view::npos) {
    return field.unescaped_key().get(key);
  }
  return simdjson::SUCCESS;
}

}  // namespace sluice::decode
