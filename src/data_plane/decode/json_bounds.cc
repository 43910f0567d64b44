#include <array>
#include <cstring>

#include "sluice/decode/internal/record_bounds.h"

namespace sluice::decode {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Bytes that can end a run of plain bytes in a value, outside its strings.
constexpr std::array<bool, 256> value_stops() {
  std::array<bool, 256> stops{};
  for (const char c : {'"', '{', '}', '[', ']', ',', ' ', '\t', '\r', '\n'}) {
    stops[static_cast<unsigned char>(c)] = true;
  }
  return stops;
}
constexpr std::array<bool, 256> kValueStops = value_stops();

class JsonBounds : public RecordBounds {
 public:
  bool find(std::string_view text, std::size_t& at) override {
    if (fresh_) {
      fresh_ = false;
      breaks_ = 1;  // an array may stand on one line: its records are numbered instead
      begin_ = 0;
    }
    while (at < text.size() && !lost()) {
      if (in_value_ ? value(text, at) : gap(text, at)) {
        in_value_ = false;
        expects_ = in_array_ ? Expects::kComma : Expects::kObject;
        fresh_ = true;
        return true;
      }
    }
    if (lost()) {
      at = text.size();
    }
    return false;
  }

  Rest finish(std::string_view text) override {
    if (lost()) {
      return Rest::kDamage;
    }
    if (in_value_) {
      why_ = in_array_ ? "the file ends inside a record" : "the file ends inside an object";
      return Rest::kDamage;
    }
    if (in_array_ && expects_ != Expects::kEnd) {
      why_ = "the file ends before the array is closed";
      return Rest::kDamage;
    }
    end_ = begin_ = text.size();
    return Rest::kNothing;
  }

  void drop(std::size_t bytes) override { begin_ -= std::min(begin_, bytes); }

 private:
  enum class Expects { kStart, kFirst, kElement, kComma, kObject, kEnd };

  /// One byte between values; never ends a region.
  bool gap(std::string_view text, std::size_t& at) {
    const char c = text[at];
    if (is_blank(c)) {
      ++at;
      return false;
    }
    switch (expects_) {
      case Expects::kStart:
        if (c == '[') {
          in_array_ = true;
          expects_ = Expects::kFirst;
          ++at;
          return false;
        }
        [[fallthrough]];
      case Expects::kObject:
        if (c != '{') {
          return lose(at, "neither an array nor an object begins here");
        }
        break;
      case Expects::kFirst:
        if (c == ']') {
          expects_ = Expects::kEnd;
          ++at;
          return false;
        }
        break;
      case Expects::kElement:
        break;
      case Expects::kComma:
        if (c != ',' && c != ']') {
          return lose(at, "',' or ']' is missing behind a record");
        }
        expects_ = c == ',' ? Expects::kElement : Expects::kEnd;
        ++at;
        return false;
      case Expects::kEnd:
        return lose(at, "text behind the end of the array");
    }
    if (c == ',' || c == ']' || c == '}' || c == ':') {
      return lose(at, "a record is missing");
    }
    begin_ = at;
    in_value_ = true;
    depth_ = 0;
    in_string_ = false;
    return false;
  }

  bool lose(std::size_t at, const char* why) {
    begin_ = at;
    why_ = why;
    return false;
  }

  /// A run of bytes inside a value; true behind its end.
  bool value(std::string_view text, std::size_t& at) {
    if (in_string_) {
      string(text, at);
      return ended(at);
    }
    while (at < text.size() && !kValueStops[static_cast<unsigned char>(text[at])]) {
      ++at;
    }
    if (at == text.size()) {
      return false;
    }
    switch (text[at]) {
      case '"':
        in_string_ = true;
        ++at;
        return false;
      case '{':
      case '[':
        ++depth_;
        ++at;
        return false;
      case '}':
      case ']':
        if (depth_ == 0) {
          end_ = at;
          return true;
        }
        --depth_;
        ++at;
        return ended(at);
      default:
        if (depth_ == 0) {
          end_ = at;
          return true;
        }
        ++at;
        return false;
    }
  }

  void string(std::string_view text, std::size_t& at) {
    while (at < text.size()) {
      const char c = text[at++];
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
        return;
      }
    }
  }

  bool ended(std::size_t at) {
    end_ = at;
    return depth_ == 0 && !in_string_;
  }

  Expects expects_ = Expects::kStart;
  bool fresh_ = true;
  bool in_array_ = false;
  bool in_value_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  std::int64_t depth_ = 0;
};

}  // namespace

std::unique_ptr<RecordBounds> json_bounds() { return std::make_unique<JsonBounds>(); }

}  // namespace sluice::decode
