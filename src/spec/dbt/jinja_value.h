#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sluice::dbt {

/// A value of a template: none, bool, integer, real, text, list or map. Integers keep 64 bits.
class JinjaValue {
 public:
  using List = std::vector<JinjaValue>;
  using Map = std::map<std::string, JinjaValue>;

  JinjaValue() = default;
  // NOLINTBEGIN(google-explicit-constructor): a template's literals are values as they stand.
  JinjaValue(bool value) : value_(value) {}
  JinjaValue(std::int64_t value) : value_(value) {}
  JinjaValue(double value) : value_(value) {}
  JinjaValue(std::string value) : value_(std::move(value)) {}
  JinjaValue(const char* value) : value_(std::string(value)) {}
  JinjaValue(List value) : value_(std::move(value)) {}
  JinjaValue(Map value) : value_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)

  bool is_none() const { return value_.index() == 0; }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const List* list() const { return std::get_if<List>(&value_); }
  List* list() { return std::get_if<List>(&value_); }
  const Map* map() const { return std::get_if<Map>(&value_); }

  /// False for none, false, 0, "" and empty collections.
  bool truthy() const;
  /// As a template prints it: `None`, `True`, `3`, `1.5`, the text, `['a', 1]`.
  std::string print() const;

  friend bool operator==(const JinjaValue&, const JinjaValue&) = default;

 private:
  std::string print_quoted() const;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> value_;
};

}  // namespace sluice::dbt
