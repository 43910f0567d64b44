#include "sluice/decode/internal/nested_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "sluice/decode/internal/json_value.h"
#include "sluice/decode/internal/landed_record.h"
#include "sluice/decode/internal/nested_json.h"

namespace sluice::decode {

namespace {

namespace ondemand = simdjson::ondemand;
using data::Type;
using data::TypeKind;
using simdjson::error_code;

constexpr std::size_t kShownBytes = 64;

void append_string(std::string_view value, std::string& text) {
  text += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte < 0x20) {
      text += fmt::format("\\u{:04x}", byte);
    } else {
      text += c;
    }
  }
  text += '"';
}

std::string_view words(ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::object:
      return "an object";
    case ondemand::json_type::array:
      return "an array";
    case ondemand::json_type::string:
      return "a string";
    default:
      return "a scalar";
  }
}

class Writer {
 public:
  Writer(const job::DecodeColumn& column, job::UnknownFields unknown, std::string& text,
         Refusal& refusal)
      : unknown_(unknown),
        text_(text),
        refusal_(refusal),
        general_(column.name),
        exact_(column.name) {}

  error_code write(ondemand::value& value, const Type& type) {
    ondemand::json_type found;
    if (const error_code error = value.type().get(found)) {
      return error;
    }
    if (found == ondemand::json_type::null) {
      std::string_view token;
      text_ += "null";
      return read_json_token(value, found, token);
    }
    switch (type.kind) {
      case TypeKind::kStruct:
        return found == ondemand::json_type::object ? write_struct(value, type)
                                                    : refuse_type(value, found, type);
      case TypeKind::kList:
        return found == ondemand::json_type::array ? write_list(value, type.fields[0].type)
                                                   : refuse_type(value, found, type);
      case TypeKind::kMap:
        return found == ondemand::json_type::object ? write_map(value, type.fields[1].type)
                                                    : refuse_type(value, found, type);
      default:
        return write_scalar(value, found, type);
    }
  }

 private:
  /// The place of a part while it is written; both names grow and shrink.
  class Step {
   public:
    Step(Writer& writer, std::string_view general, std::string_view exact)
        : writer_(writer), general_(writer.general_.size()), exact_(writer.exact_.size()) {
      writer.general_ += general;
      writer.exact_ += exact;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() {
      writer_.general_.resize(general_);
      writer_.exact_.resize(exact_);
    }

   private:
    Writer& writer_;
    const std::size_t general_;
    const std::size_t exact_;
  };

  error_code write_struct(ondemand::value& value, const Type& type) {
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) {
      return error;
    }
    text_ += '{';
    std::vector<char> seen(type.fields.size(), 0);
    bool first = true;
    for (auto field : object) {
      std::string_view key;
      ondemand::value member;
      if (const error_code error = read_json_key(field, key)) {
        return error;
      }
      const auto known = std::find_if(type.fields.begin(), type.fields.end(),
                                      [&](const data::Field& one) { return one.name == key; });
      const std::string place = "." + std::string(key);
      const Step step(*this, place, place);
      if (const error_code error = field.value().get(member)) {
        return error;
      }
      if (known == type.fields.end()) {
        if (unknown_ == job::UnknownFields::kRefuse) {
          refuse("unknown_column", fmt::format("the contract does not know '{}'", shown(exact_)));
        }
        if (const error_code error = skip_json(member)) {
          return error;
        }
        continue;
      }
      if (seen[static_cast<std::size_t>(known - type.fields.begin())]++ != 0) {
        refuse(kMalformed, fmt::format("key '{}' occurs twice", exact_));
      }
      text_ += first ? "" : ",";
      first = false;
      append_string(known->name, text_);
      text_ += ':';
      if (const error_code error = write(member, known->type)) {
        return error;
      }
    }
    text_ += '}';
    return simdjson::SUCCESS;
  }

  error_code write_list(ondemand::value& value, const Type& item_type) {
    ondemand::array array;
    if (const error_code error = value.get_array().get(array)) {
      return error;
    }
    text_ += '[';
    std::size_t number = 0;
    for (auto item : array) {
      const Step step(*this, "[]", fmt::format("[{}]", ++number));
      ondemand::value element;
      if (const error_code error = item.get(element)) {
        return error;
      }
      text_ += number == 1 ? "" : ",";
      if (const error_code error = write(element, item_type)) {
        return error;
      }
    }
    text_ += ']';
    return simdjson::SUCCESS;
  }

  error_code write_map(ondemand::value& value, const Type& value_type) {
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) {
      return error;
    }
    text_ += '[';
    std::set<std::string, std::less<>> seen;
    for (auto field : object) {
      std::string_view key;
      if (const error_code error = read_json_key(field, key)) {
        return error;
      }
      const Step step(*this, "[value]", fmt::format("['{}']", shown(key)));
      if (!seen.emplace(key).second) {
        refuse(kMalformed, fmt::format("key '{}' occurs twice", exact_));
      }
      refuse_nul(key);
      text_ += seen.size() == 1 ? "{\"key\":" : ",{\"key\":";
      append_string(key, text_);
      text_ += ",\"value\":";
      ondemand::value entry;
      if (const error_code error = field.value().get(entry)) {
        return error;
      }
      if (const error_code error = write(entry, value_type)) {
        return error;
      }
      text_ += '}';
    }
    text_ += ']';
    return simdjson::SUCCESS;
  }

  error_code write_scalar(ondemand::value& value, ondemand::json_type found, const Type& type) {
    std::string_view token;
    switch (found) {
      case ondemand::json_type::object:
      case ondemand::json_type::array:
        return refuse_type(value, found, type);
      case ondemand::json_type::string:
        if (const error_code error = value.get_string().get(token)) {
          return error;
        }
        refuse_nul(token);
        break;
      default:
        if (const error_code error = read_json_token(value, found, token)) {
          return error;
        }
        if (type.kind == TypeKind::kString) {
          refuse("type", fmt::format("{}: {} is not a string", exact_, shown(token)));
        }
    }
    append_string(token, text_);
    return simdjson::SUCCESS;
  }

  error_code refuse_type(ondemand::value& value, ondemand::json_type found, const Type& type) {
    refuse("type", fmt::format("{}: {} is not {}", exact_, words(found), data::to_text(type)));
    return skip_json(value);
  }

  void refuse_nul(std::string_view value) {
    if (std::memchr(value.data(), 0, value.size()) != nullptr) {
      refuse(kMalformed, fmt::format("{}: a NUL character", exact_));
    }
  }

  static std::string_view shown(std::string_view value) { return value.substr(0, kShownBytes); }

  /// Damage outweighs what else is wrong; of equals the first stays.
  void refuse(std::string_view rule, std::string reason) {
    if (refusal_.rule.empty() || (rule == kMalformed && refusal_.rule != kMalformed)) {
      refusal_ = {std::string(rule), general_, std::move(reason)};
    }
  }

  const job::UnknownFields unknown_;
  std::string& text_;
  Refusal& refusal_;
  std::string general_;  // `items[].sku`
  std::string exact_;    // `items[2].sku`
};

}  // namespace

error_code write_nested_text(ondemand::value& value, const job::DecodeColumn& column,
                             job::UnknownFields unknown, std::string& text, Refusal& refusal) {
  return Writer(column, unknown, text, refusal).write(value, column.type);
}

struct NestedTextParser::Parser {
  /// simdjson gives a scalar no value of its own, so all texts are read as items of an array.
  error_code write(std::string_view json, const job::DecodeColumn& column,
                   job::UnknownFields unknown, std::string& text, Refusal& refusal) {
    padded = "[";
    padded += json;
    padded += ']';
    const std::size_t size = padded.size();
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    ondemand::document document;
    ondemand::array array;
    const simdjson::padded_string_view view(padded.data(), size, padded.size());
    if (const error_code error = parser.iterate(view).get(document)) {
      return error;
    }
    if (const error_code error = document.get_array().get(array)) {
      return error;
    }
    int values = 0;
    for (auto item : array) {
      ondemand::value value;
      if (const error_code error = item.get(value)) {
        return error;
      }
      if (++values > 1) {
        return simdjson::TRAILING_CONTENT;
      }
      if (const error_code error = write_nested_text(value, column, unknown, text, refusal)) {
        return error;
      }
    }
    return values == 1 && document.at_end() ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
  }

  ondemand::parser parser;
  std::string padded;
};

NestedTextParser::NestedTextParser() : parser_(std::make_unique<Parser>()) {}

NestedTextParser::~NestedTextParser() = default;

void NestedTextParser::write(std::string_view json, const job::DecodeColumn& column,
                             job::UnknownFields unknown, std::string& text, Refusal& refusal) {
  const error_code error = parser_->write(json, column, unknown, text, refusal);
  if (error && refusal.rule.empty()) {
    refusal = {"type", column.name,
               fmt::format("'{}' is no JSON of {}: {}", json.substr(0, kShownBytes),
                           data::to_text(column.type), simdjson::error_message(error))};
  }
}

}  // namespace sluice::decode
