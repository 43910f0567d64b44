#include "sluice/lake/json_slices.h"

#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;

/// Walks over JSON text, value by value.
class Slicer {
 public:
  Slicer(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  base::Error corrupt(std::string_view reason) const {
    return base::corrupt(fmt::format("{}: not JSON at byte {}: {}", what_, at_, reason));
  }

  /// Skips space; true, and moves on, when `c` follows.
  bool take(char c) {
    skip_space();
    const bool found = at_ < text_.size() && text_[at_] == c;
    at_ += found ? 1 : 0;
    return found;
  }

  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

  /// Cuts out the next value, up to the comma or bracket that ends it.
  Result<std::string_view> value() {
    skip_space();
    const std::size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) {
          return corrupt("a string does not end");
        }
        continue;
      }
      const bool closes = c == ']' || c == '}';
      if (depth == 0 && (closes || c == ',' || c == ':')) {
        break;
      }
      depth += c == '[' || c == '{' ? 1 : (closes ? -1 : 0);
      ++at_;
    }
    std::size_t end = at_;
    while (end > begin && is_space(text_[end - 1])) {
      --end;
    }
    if (end == begin || depth != 0) {
      return corrupt("a value is missing or does not end");
    }
    return text_.substr(begin, end - begin);
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) {
      ++at_;
    }
  }

  bool skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    at_ = text_.size();
    return false;
  }

  std::string_view text_;
  std::string_view what_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<std::pair<std::string, std::string_view>>> slice_object(std::string_view text,
                                                                           std::string_view what) {
  Slicer slicer(text, what);
  if (!slicer.take('{')) {
    return slicer.corrupt("an object was expected");
  }
  std::vector<std::pair<std::string, std::string_view>> members;
  std::set<std::string> names;
  bool more = !slicer.take('}');
  while (more) {
    SLUICE_ASSIGN_OR_RETURN(const std::string_view quoted, slicer.value());
    SLUICE_ASSIGN_OR_RETURN(const nlohmann::json name, base::parse_json(quoted, what));
    if (!name.is_string() || !slicer.take(':')) {
      return slicer.corrupt("a name and a colon were expected");
    }
    SLUICE_ASSIGN_OR_RETURN(const std::string_view value, slicer.value());
    members.emplace_back(name.get<std::string>(), value);
    if (!names.insert(members.back().first).second) {
      return slicer.corrupt(fmt::format("'{}' is given twice", members.back().first));
    }
    more = slicer.take(',');
    if (!more && !slicer.take('}')) {
      return slicer.corrupt("a comma or } was expected");
    }
  }
  if (!slicer.at_end()) {
    return slicer.corrupt("the object is followed by more text");
  }
  return members;
}

Result<std::vector<std::string_view>> slice_array(std::string_view text, std::string_view what) {
  Slicer slicer(text, what);
  if (!slicer.take('[')) {
    return slicer.corrupt("a list was expected");
  }
  std::vector<std::string_view> items;
  bool more = !slicer.take(']');
  while (more) {
    SLUICE_ASSIGN_OR_RETURN(const std::string_view item, slicer.value());
    items.push_back(item);
    more = slicer.take(',');
    if (!more && !slicer.take(']')) {
      return slicer.corrupt("a comma or ] was expected");
    }
  }
  if (!slicer.at_end()) {
    return slicer.corrupt("the list is followed by more text");
  }
  return items;
}

void append_json_string(std::string_view text, std::string& out) {
  bool plain = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    plain = plain && byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
  }
  if (plain) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sluice::lake
