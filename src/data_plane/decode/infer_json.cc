#include "sluice/decode/internal/infer_json.h"

#include <simdjson.h>

#include <cstring>
#include <string>
#include <unordered_set>

#include "sluice/decode/internal/block.h"
#include "sluice/decode/internal/json_value.h"

namespace sluice::decode {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr int kDepthMax = 64;  // of values that are looked into; types nest less deep

error_code observe_nested(ondemand::value& value, ondemand::json_type type, JsonShape& shape,
                          std::int64_t& places, int depth);

/// Adds a value inside of a column.
error_code observe(ondemand::value& value, JsonShape* shape, std::int64_t& places, int depth) {
  ondemand::json_type type;
  if (const error_code error = value.type().get(type)) {
    return error;
  }
  if (shape == nullptr) {
    return skip_json(value);
  }
  std::string_view text;
  switch (type) {
    case ondemand::json_type::object:
    case ondemand::json_type::array:
      return observe_nested(value, type, *shape, places, depth);
    case ondemand::json_type::string:
      if (const error_code error = value.get_string().get(text)) {
        return error;
      }
      shape->add_scalar(read_text(text), true);
      return simdjson::SUCCESS;
    default:
      if (const error_code error = read_json_token(value, type, text)) {
        return error;
      }
      if (type != ondemand::json_type::null) {
        shape->add_scalar(read_text(text), false);
      }
      return simdjson::SUCCESS;
  }
}

error_code observe_nested(ondemand::value& value, ondemand::json_type type, JsonShape& shape,
                          std::int64_t& places, int depth) {
  const bool is_object = type == ondemand::json_type::object;
  is_object ? shape.add_object() : shape.add_array();
  if (depth > kDepthMax) {
    return skip_json(value);
  }
  if (is_object) {
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) {
      return error;
    }
    for (auto field : object) {
      std::string_view key;
      if (const error_code error = read_json_key(field, key)) {
        return error;
      }
      JsonShape* member = shape.member(key, places);
      ondemand::value inside;
      if (const error_code error = field.value().get(inside)) {
        return error;
      }
      if (const error_code error = observe(inside, member, places, depth + 1)) {
        return error;
      }
    }
    return simdjson::SUCCESS;
  }
  ondemand::array array;
  if (const error_code error = value.get_array().get(array)) {
    return error;
  }
  for (auto item : array) {
    ondemand::value inside;
    if (const error_code error = item.get(inside)) {
      return error;
    }
    if (const error_code error = observe(inside, shape.element(places), places, depth + 1)) {
      return error;
    }
  }
  return simdjson::SUCCESS;
}

error_code observe_column(ondemand::value& value, int column, InferColumns& columns) {
  ondemand::json_type type;
  if (const error_code error = value.type().get(type)) {
    return error;
  }
  std::string_view text;
  switch (type) {
    case ondemand::json_type::object:
    case ondemand::json_type::array:
      return observe_nested(value, type, columns.shape(column), columns.places(), 0);
    case ondemand::json_type::string:
      if (const error_code error = value.get_string().get(text)) {
        return error;
      }
      columns.add_text(column, text, true);
      return simdjson::SUCCESS;
    default:
      if (const error_code error = read_json_token(value, type, text)) {
        return error;
      }
      if (type != ondemand::json_type::null) {
        columns.add_text(column, text, false);
      }
      return simdjson::SUCCESS;
  }
}

}  // namespace

struct JsonObserver::Parser {
  /// Looks at the record without adding anything: a column's counts must not see half of one.
  error_code check(std::string_view text) {
    ondemand::document document;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + kBlockPadding);
    if (const error_code error = parser.iterate(padded).get(document)) {
      return error;
    }
    ondemand::object object;
    if (const error_code error = document.get_object().get(object)) {
      return error;
    }
    keys.clear();
    for (auto field : object) {
      std::string_view key;
      if (const error_code error = read_json_key(field, key)) {
        return error;
      }
      const bool repeated = !keys.emplace(key).second;
      ondemand::value value;
      if (const error_code error = field.value().get(value)) {
        return error;
      }
      if (const error_code error = skip(value)) {
        return error;
      }
      if (repeated) {
        return simdjson::INCORRECT_TYPE;
      }
    }
    return document.at_end() ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
  }

  /// Also refuses a text with NUL, which no column takes.
  static error_code skip(ondemand::value& value) {
    ondemand::json_type type;
    if (const error_code error = value.type().get(type)) {
      return error;
    }
    if (type != ondemand::json_type::string) {
      return skip_json(value);
    }
    std::string_view text;
    if (const error_code error = value.get_string().get(text)) {
      return error;
    }
    return text.empty() || std::memchr(text.data(), 0, text.size()) == nullptr
               ? simdjson::SUCCESS
               : simdjson::INCORRECT_TYPE;
  }

  error_code add(std::string_view text, InferColumns& columns) {
    ondemand::document document;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + kBlockPadding);
    if (const error_code error = parser.iterate(padded).get(document)) {
      return error;
    }
    ondemand::object object;
    if (const error_code error = document.get_object().get(object)) {
      return error;
    }
    for (auto field : object) {
      std::string_view key;
      if (const error_code error = read_json_key(field, key)) {
        return error;
      }
      const int column = columns.column(key);
      ondemand::value value;
      if (const error_code error = field.value().get(value)) {
        return error;
      }
      if (const error_code error =
              column < 0 ? skip_json(value) : observe_column(value, column, columns)) {
        return error;
      }
    }
    columns.end_row();
    return simdjson::SUCCESS;
  }

  ondemand::parser parser;
  std::unordered_set<std::string> keys;
};

JsonObserver::JsonObserver() : parser_(std::make_unique<Parser>()) {}

JsonObserver::~JsonObserver() = default;

bool JsonObserver::add(std::string_view text, InferColumns& columns) {
  return parser_->check(text) == simdjson::SUCCESS &&
         parser_->add(text, columns) == simdjson::SUCCESS;
}

}  // namespace sluice::decode
