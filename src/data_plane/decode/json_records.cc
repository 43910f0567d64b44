#include "sluice/decode/internal/json_records.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "sluice/decode/internal/json_value.h"
#include "sluice/decode/internal/nested_json.h"
#include "sluice/decode/internal/plain_json.h"
#include "sluice/decode/internal/refusal.h"
#include "sluice/decode/internal/utf8.h"

namespace sluice::decode {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr std::size_t kUnknownMax = 100;
constexpr std::size_t kShownBytes = 64;
constexpr std::size_t kLargeBytes = 1 << 20;

}  // namespace

class JsonParser::State {
 public:
  explicit State(const job::DecodeJob& job)
      : job_(job), plain_(job.columns), seen_(job.columns.size()), nested_(job.columns.size()) {
    for (std::size_t i = 0; i < job.columns.size(); ++i) {
      places_.emplace(job.columns[i].name, i);
    }
  }

  /// Reads one object; `text` is followed by kBlockPadding readable bytes.
  void parse(std::string_view text, LandedRecord& record) {
    record.values.assign(job_.columns.size(), std::nullopt);
    if (plain_.read(text, record.values)) {
      record.refusal.clear();
      return;
    }
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
      if (const error_code error = read_json_key(field, key)) {
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

  error_code read_known(std::size_t column, ondemand::value& value, LandedRecord& record) {
    column_ = job_.columns[column].name;
    if (seen_[column]++ != 0) {
      refuse(kMalformed, column_, fmt::format("key '{}' occurs twice", column_));
      return skip_json(value);
    }
    ondemand::json_type type;
    if (const error_code error = value.type().get(type)) {
      return error;
    }
    if (data::is_nested(job_.columns[column].type)) {
      return read_nested(column, value, record);
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
        return skip_json(value);
      default:
        if (const error_code error = read_json_token(value, type, text)) {
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

  error_code read_nested(std::size_t column, ondemand::value& value, LandedRecord& record) {
    std::string& text = nested_[column];
    text.clear();
    Refusal refusal;
    if (const error_code error =
            write_nested_text(value, job_.columns[column], job_.unknown_fields, text, refusal)) {
      return error;
    }
    if (!refusal.rule.empty()) {
      refuse(refusal.rule, refusal.column, refusal.reason);
    } else if (text != "null") {
      record.values[column] = text;
    }
    return simdjson::SUCCESS;
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
    return skip_json(value);
  }

  /// Damage outweighs what else is wrong; of equals the first stays.
  void refuse(std::string_view rule, std::string_view column, std::string_view reason) {
    if (refusal_.rule.empty() || (rule == kMalformed && refusal_.rule != kMalformed)) {
      refusal_ = {std::string(rule), std::string(column), std::string(reason)};
    }
  }

  const job::DecodeJob& job_;
  PlainJson plain_;
  ondemand::parser parser_;
  std::unique_ptr<ondemand::parser> large_;  // of one large record, as it keeps six times its size
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<char> seen_;
  std::vector<std::string> nested_;  // texts of the record's nested values, by column
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
    record.raw = block_.buffer.view().substr(span.begin, span.size);
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
