#include "sluice/decode/internal/json_records.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "sluice/decode/internal/refusal.h"
#include "sluice/decode/internal/utf8.h"

namespace sluice::decode {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr std::size_t kUnknownMax = 100;
constexpr std::size_t kShownBytes = 64;
constexpr int kDepthMax = 1024;
constexpr std::size_t kLargeBytes = 1 << 20;

/// RFC 8259: simdjson looks at a number only when it is asked for its value.
bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      ++at;
    }
    return at > from;
  };
  at += text.starts_with('-') ? 1 : 0;
  const std::size_t whole = at;
  if (!digits() || (text[whole] == '0' && at > whole + 1)) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) {
      return false;
    }
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1 : 0;
    if (!digits()) {
      return false;
    }
  }
  return at == text.size();
}

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') {
    token.remove_suffix(1);
  }
  return token;
}

}  // namespace

class JsonParser::State {
 public:
  explicit State(const job::DecodeJob& job) : job_(job), seen_(job.columns.size()) {
    for (std::size_t i = 0; i < job.columns.size(); ++i) {
      places_.emplace(job.columns[i].name, i);
    }
  }

  /// Reads one object; `text` is followed by kBlockPadding readable bytes.
  void parse(std::string_view text, LandedRecord& record) {
    record.values.assign(job_.columns.size(), std::nullopt);
    refusal_ = {};
    std::fill(seen_.begin(), seen_.end(), 0);
    const error_code error = parse_document(text, record);
    if (error != simdjson::SUCCESS && refusal_.rule != kMalformed) {
      refuse(kMalformed, column_, simdjson::error_message(error));
    }
    if (refusal_.rule.empty()) {
      record.refusal.clear();
      return;
    }
    record.refusal = pack_refusal(refusal_);
    record.values.clear();
  }

  std::vector<std::string> unknown;

 private:
  error_code parse_document(std::string_view text, LandedRecord& record) {
    column_ = {};
    ondemand::document document;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + kBlockPadding);
    ondemand::parser* parser = &parser_;
    large_.reset();
    if (text.size() > kLargeBytes) {
      large_ = std::make_unique<ondemand::parser>();
      parser = large_.get();
    }
    if (const error_code error = parser->iterate(padded).get(document)) {
      return error;
    }
    ondemand::object object;
    if (const error_code error = document.get_object().get(object)) {
      if (error != simdjson::INCORRECT_TYPE) {
        return error;
      }
      refuse(kMalformed, "", "the record is no JSON object");
      return simdjson::SUCCESS;
    }
    std::size_t next = 0;  // records of a file mostly have their keys in one order
    for (auto field : object) {
      std::string_view key;
      if (const error_code error = read_key(field, key)) {
        return error;
      }
      if (next >= job_.columns.size() || job_.columns[next].name != key) {
        const auto found = places_.find(key);
        next = found == places_.end() ? job_.columns.size() : found->second;
      }
      ondemand::value value;
      if (const error_code error = field.value().get(value)) {
        return error;
      }
      if (const error_code error = next == job_.columns.size() ? read_unknown(key, value)
                                                               : read_known(next, value, record)) {
        return error;
      }
      ++next;
    }
    if (!document.at_end()) {
      refuse(kMalformed, "", "text behind the end of the object");
    }
    return simdjson::SUCCESS;
  }

  template <class Field>
  error_code read_key(Field& field, std::string_view& key) {
    std::string_view raw;
    if (const error_code error = field.escaped_key().get(raw)) {
      return error;
    }
    key = raw;
    if (raw.find('\\') != std::string_view::npos) {
      return field.unescaped_key().get(key);
    }
    return simdjson::SUCCESS;
  }

  error_code read_known(std::size_t column, ondemand::value& value, LandedRecord& record) {
    column_ = job_.columns[column].name;
    if (seen_[column]++ != 0) {
      refuse(kMalformed, column_, fmt::format("key '{}' occurs twice", column_));
      return skip(value, 0);
    }
    ondemand::json_type type;
    if (const error_code error = value.type().get(type)) {
      return error;
    }
    const bool is_string = job_.columns[column].type.kind == data::TypeKind::kString;
    std::string_view text;
    switch (type) {
      case ondemand::json_type::string:
        if (const error_code error = value.get_string().get(text)) {
          return error;
        }
        if (std::memchr(text.data(), 0, text.size()) != nullptr) {
          refuse(kMalformed, column_, "a NUL character");
        }
        record.values[column] = text;
        return simdjson::SUCCESS;
      case ondemand::json_type::object:
      case ondemand::json_type::array:
        refuse(
            "type", column_,
            fmt::format("an {} is not {}", type == ondemand::json_type::array ? "array" : "object",
                        data::to_text(job_.columns[column].type)));
        return skip(value, 0);
      default:
        if (const error_code error = read_token(value, type, text)) {
          return error;
        }
        if (type == ondemand::json_type::null) {
          return simdjson::SUCCESS;
        }
        if (is_string) {
          refuse("type", column_, fmt::format("{} is not a string", text.substr(0, kShownBytes)));
        }
        record.values[column] = text;
        return simdjson::SUCCESS;
    }
  }

  /// Reads a number, true, false or null as it is written.
  static error_code read_token(ondemand::value& value, ondemand::json_type type,
                               std::string_view& text) {
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

  error_code read_unknown(std::string_view key, ondemand::value& value) {
    if (unknown.size() < kUnknownMax &&
        std::find(unknown.begin(), unknown.end(), key) == unknown.end()) {
      unknown.emplace_back(key);
    }
    column_ = key;
    if (job_.unknown_fields == job::UnknownFields::kRefuse) {
      refuse("unknown_column", key,
             fmt::format("the contract does not know column '{}'", key.substr(0, kShownBytes)));
    }
    return skip(value, 0);
  }

  /// Passes over a value and makes sure that it is JSON. The depth is bounded by the parser.
  error_code skip(ondemand::value& value, int depth) {
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
          if (const error_code error = skip(member, depth + 1)) {
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
          if (const error_code error = skip(element, depth + 1)) {
            return error;
          }
        }
        return simdjson::SUCCESS;
      }
      default:
        return read_token(value, type, text);
    }
  }

  /// Damage outweighs what else is wrong; of equals the first stays.
  void refuse(std::string_view rule, std::string_view column, std::string_view reason) {
    if (refusal_.rule.empty() || (rule == kMalformed && refusal_.rule != kMalformed)) {
      refusal_ = {std::string(rule), std::string(column), std::string(reason)};
    }
  }

  const job::DecodeJob& job_;
  ondemand::parser parser_;
  std::unique_ptr<ondemand::parser> large_;  // of one large record, as it keeps six times its size
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<char> seen_;
  Refusal refusal_;
  std::string_view column_;  // that is read
};

namespace {

class JsonRecords : public RecordReader {
 public:
  JsonRecords(const Block& block, JsonParser::State& state) : block_(block), state_(state) {}

  bool next(LandedRecord& record) override {
    if (next_ == block_.records.size()) {
      return false;
    }
    const RecordSpan& span = block_.records[next_++];
    record.offset = block_.offset + span.begin;
    record.bytes = span.size;
    record.line = span.line;
    record.raw = std::string_view(block_.buffer).substr(span.begin, span.size);
    state_.parse(record.raw, record);
    return true;
  }

 private:
  const Block& block_;
  JsonParser::State& state_;
  std::size_t next_ = 0;
};

}  // namespace

JsonParser::JsonParser(const job::DecodeJob& job) : state_(std::make_unique<State>(job)) {}

JsonParser::~JsonParser() = default;

std::unique_ptr<RecordReader> JsonParser::read(const Block& block) {
  return std::make_unique<JsonRecords>(block, *state_);
}

const std::vector<std::string>& JsonParser::unknown() const { return state_->unknown; }

void JsonParser::forget_unknown() { state_->unknown.clear(); }

}  // namespace sluice::decode
