#include "sluice/contract/internal/json_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <vector>

namespace sluice::contract::internal {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text[0] == '+' || text[0] == '-') ? text.substr(1) : text;
}

bool is_integer(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  std::string_view rest = without_sign(text);
  const auto skip_digits = [&] {
    std::size_t count = 0;
    while (count < rest.size() && is_digit(rest[count])) {
      ++count;
    }
    rest.remove_prefix(count);
    return count;
  };
  const std::size_t whole = skip_digits();
  std::size_t fraction = 0;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = skip_digits();
  }
  if (whole + fraction == 0) {
    return false;
  }
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest = without_sign(rest.substr(1));
    return skip_digits() > 0 && rest.empty();
  }
  return rest.empty();
}

bool is_boolean(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
         text == "FALSE";
}

}  // namespace

std::string_view json_type(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::NodeKind::kNull:
      return "null";
    case yaml::NodeKind::kList:
      return "array";
    case yaml::NodeKind::kMap:
      return "object";
    case yaml::NodeKind::kScalar:
      break;
  }
  if (node.quoted) {
    return "string";
  }
  if (is_boolean(node.text)) {
    return "boolean";
  }
  if (is_integer(node.text)) {
    return "integer";
  }
  return is_float(node.text) ? "number" : "string";
}

bool has_json_type(const yaml::Node& node, std::string_view type) {
  const std::string_view actual = json_type(node);
  if (type == actual) {
    return true;
  }
  if (type == "number") {
    return actual == "integer";
  }
  const std::optional<double> number = json_number(node);
  return type == "integer" && number && std::isfinite(*number) && *number == std::trunc(*number);
}

std::optional<double> json_number(const yaml::Node& node) {
  const std::string_view type = json_type(node);
  if (type != "integer" && type != "number") {
    return std::nullopt;
  }
  std::string_view text = node.text;
  text.remove_prefix(text.starts_with('+') ? 1 : 0);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
  }
  return number;
}

std::string json_text(const yaml::Node& node) {
  if (const std::optional<double> number = json_number(node)) {
    char digits[32];
    const auto written = std::to_chars(std::begin(digits), std::end(digits), *number);
    return std::string(std::begin(digits), written.ptr) + (std::isfinite(*number) ? "" : node.text);
  }
  if (node.is_map()) {
    std::map<std::string, std::string> members;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      members.emplace(node.keys[i].name, json_text(node.children[i]));
    }
    std::string text = "{";
    for (const auto& [name, value] : members) {
      text.append(std::to_string(name.size())).append(":").append(name).append(value).append(",");
    }
    return text + "}";
  }
  if (node.is_list()) {
    std::string text = "[";
    for (const yaml::Node& item : node.children) {
      text += json_text(item) + ",";
    }
    return text + "]";
  }
  return std::string(json_type(node)) + std::to_string(node.text.size()) + ":" + node.text;
}

}  // namespace sluice::contract::internal
