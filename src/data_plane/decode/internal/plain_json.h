#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Says whether a text is a number of JSON (RFC 8259).
bool is_json_number(std::string_view text);

/// Reads JSON objects in their usual form: one object of the contract's keys, each at most once,
/// whose values are texts without escapes, numbers, true, false or null. It takes no object of
/// which JsonParser would make something else, and leaves to it whatever it does not take.
class PlainJson {
 public:
  /// `columns` must outlive this.
  explicit PlainJson(const std::vector<job::DecodeColumn>& columns);

  /// Reads one object into a value per column, that are all null before; false when it is not in
  /// the usual form. At least 8 readable bytes follow the text. Values are parts of it.
  bool read(std::string_view text, std::vector<std::optional<std::string_view>>& values);

 private:
  bool read_fields(std::vector<std::optional<std::string_view>>& values);
  bool read_key(std::size_t& column);
  bool read_value(std::size_t column, std::optional<std::string_view>& value);
  bool read_string(std::string_view& text);
  bool read_number(std::string_view& text);
  bool take(char c);
  void skip_spaces();

  const std::vector<job::DecodeColumn>& columns_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<std::size_t> seen_;  // per column the last object that had it
  std::size_t object_ = 0;

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool is_ascii_ = true;
};

}  // namespace sluice::decode
