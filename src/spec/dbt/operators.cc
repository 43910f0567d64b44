#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "sluice/base/text.h"
#include "sluice/dbt/internal/evaluate.h"

namespace sluice::dbt::internal {

namespace {

using base::Result;

bool is_number(const JinjaValue& value) {
  return value.integer() != nullptr || value.real() != nullptr;
}

double real_of(const JinjaValue& value) {
  return value.integer() != nullptr ? static_cast<double>(*value.integer()) : *value.real();
}

Result<JinjaValue> whole_arithmetic(std::string_view name, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  if (name == "+") {
    overflow = __builtin_add_overflow(a, b, &result);
  } else if (name == "-") {
    overflow = __builtin_sub_overflow(a, b, &result);
  } else if (name == "*") {
    overflow = __builtin_mul_overflow(a, b, &result);
  } else if (b == 0 || (b == -1 && a == INT64_MIN)) {
    return base::invalid_input("division by zero");
  } else if (name == "/") {
    return JinjaValue(static_cast<double>(a) / static_cast<double>(b));
  } else {
    const std::int64_t quotient = a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
    result = name == "//" ? quotient : a - quotient * b;
  }
  if (overflow) {
    return base::invalid_input("a number is too large");
  }
  return JinjaValue(result);
}

Result<JinjaValue> arithmetic(std::string_view name, const JinjaValue& left,
                              const JinjaValue& right) {
  if (left.integer() != nullptr && right.integer() != nullptr) {
    return whole_arithmetic(name, *left.integer(), *right.integer());
  }
  const double a = real_of(left);
  const double b = real_of(right);
  if (name == "+" || name == "-" || name == "*") {
    return JinjaValue(name == "+" ? a + b : name == "-" ? a - b : a * b);
  }
  if (b == 0) {
    return base::invalid_input("division by zero");
  }
  return JinjaValue(name == "/" ? a / b : name == "//" ? std::floor(a / b) : std::fmod(a, b));
}

Result<JinjaValue> ordered(std::string_view name, const JinjaValue& left, const JinjaValue& right) {
  int order = 0;
  if (is_number(left) && is_number(right)) {
    order = real_of(left) < real_of(right) ? -1 : real_of(left) > real_of(right) ? 1 : 0;
  } else if (left.text() != nullptr && right.text() != nullptr) {
    order = left.text()->compare(*right.text());
  } else {
    return base::invalid_input(fmt::format("'{}' compares two numbers or two texts", name));
  }
  return JinjaValue(name == "<"    ? order < 0
                    : name == "<=" ? order <= 0
                    : name == ">"  ? order > 0
                                   : order >= 0);
}

Result<JinjaValue> contained(const JinjaValue& item, const JinjaValue& within) {
  if (const auto* items = within.list()) {
    return JinjaValue(std::find(items->begin(), items->end(), item) != items->end());
  }
  if (const auto* entries = within.map()) {
    return JinjaValue(entries->contains(item.print()));
  }
  if (within.text() != nullptr && item.text() != nullptr) {
    return JinjaValue(within.text()->find(*item.text()) != std::string::npos);
  }
  return base::invalid_input("'in' looks into a list, a map or a text");
}

std::string title(std::string text, bool every_word) {
  bool first = true;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(first ? std::toupper(byte) : std::tolower(byte));
    first = every_word && std::isalnum(byte) == 0;
  }
  return text;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = from.empty() ? std::string::npos : text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

const JinjaValue* argument(const JinjaArguments& arguments, std::size_t index, const char* name) {
  if (const auto found = arguments.named.find(name); found != arguments.named.end()) {
    return &found->second;
  }
  return index < arguments.positional.size() ? &arguments.positional[index] : nullptr;
}

Result<JinjaValue> text_filter(std::string_view name, const std::string& text,
                               const JinjaArguments& arguments) {
  if (name == "upper") {
    return JinjaValue(upper(text));
  }
  if (name == "lower") {
    return JinjaValue(base::lower(text));
  }
  if (name == "trim") {
    return JinjaValue(std::string(base::trim(text)));
  }
  if (name == "title" || name == "capitalize") {
    return JinjaValue(title(text, name == "title"));
  }
  const JinjaValue* from = argument(arguments, 0, "old");
  const JinjaValue* to = argument(arguments, 1, "new");
  if (from == nullptr || to == nullptr) {
    return base::invalid_input("replace takes what to replace and by what");
  }
  return JinjaValue(replaced(text, from->print(), to->print()));
}

std::int64_t length_of(const JinjaValue& value) {
  return static_cast<std::int64_t>(value.list() != nullptr   ? value.list()->size()
                                   : value.map() != nullptr  ? value.map()->size()
                                   : value.text() != nullptr ? value.text()->size()
                                                             : 0);
}

std::int64_t whole_of(const JinjaValue& value) {
  if (is_number(value)) {
    return static_cast<std::int64_t>(real_of(value));
  }
  std::int64_t number = 0;
  const std::string text = value.print();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

JinjaValue::List items_of(const JinjaValue& value) {
  if (value.list() != nullptr) {
    return *value.list();
  }
  JinjaValue::List items;
  if (const auto* entries = value.map()) {
    for (const auto& [key, held] : *entries) {
      items.emplace_back(key);
    }
  }
  return items;
}

std::string joined(const JinjaValue& value, const JinjaArguments& arguments) {
  const JinjaValue* separator = argument(arguments, 0, "d");
  std::vector<std::string> parts;
  for (const JinjaValue& item : items_of(value)) {
    parts.push_back(item.print());
  }
  return base::join(parts, separator == nullptr ? "" : separator->print());
}

Result<JinjaValue> list_filter(std::string_view name, const JinjaValue& value,
                               const JinjaArguments& arguments) {
  JinjaValue::List items = items_of(value);
  if (name == "first" || name == "last") {
    return items.empty() ? JinjaValue() : name == "first" ? items.front() : items.back();
  }
  if (name == "reverse") {
    std::reverse(items.begin(), items.end());
  } else if (name == "sort") {
    std::sort(items.begin(), items.end(), [](const JinjaValue& a, const JinjaValue& b) {
      return is_number(a) && is_number(b) ? real_of(a) < real_of(b) : a.print() < b.print();
    });
  } else if (name == "unique") {
    JinjaValue::List kept;
    for (JinjaValue& item : items) {
      if (std::find(kept.begin(), kept.end(), item) == kept.end()) {
        kept.push_back(std::move(item));
      }
    }
    items = std::move(kept);
  } else if (name == "map") {
    const JinjaValue* attribute = argument(arguments, 9, "attribute");
    for (JinjaValue& item : items) {
      if (attribute != nullptr && item.map() != nullptr) {
        const auto found = item.map()->find(attribute->print());
        JinjaValue held = found == item.map()->end() ? JinjaValue() : found->second;
        item = std::move(held);
      } else if (!arguments.positional.empty()) {
        SLUICE_ASSIGN_OR_RETURN(item, apply_filter(arguments.positional[0].print(), item, {}));
      }
    }
  }
  return JinjaValue(std::move(items));
}

}  // namespace

Result<JinjaValue> apply_filter(std::string_view name, const JinjaValue& value,
                                const JinjaArguments& arguments) {
  if (name == "default" || name == "d") {
    const JinjaValue* other = argument(arguments, 0, "default_value");
    return value.is_none() ? (other == nullptr ? JinjaValue("") : *other) : value;
  }
  if (name == "upper" || name == "lower" || name == "trim" || name == "title" ||
      name == "capitalize" || name == "replace") {
    return text_filter(name, value.print(), arguments);
  }
  if (name == "length" || name == "count") {
    return JinjaValue(length_of(value));
  }
  if (name == "join") {
    return JinjaValue(joined(value, arguments));
  }
  if (name == "int") {
    return JinjaValue(whole_of(value));
  }
  if (name == "float") {
    return JinjaValue(is_number(value) ? real_of(value) : static_cast<double>(whole_of(value)));
  }
  if (name == "string" || name == "safe" || name == "as_text") {
    return JinjaValue(value.print());
  }
  for (const char* known : {"first", "last", "reverse", "sort", "unique", "map", "list"}) {
    if (name == known) {
      return list_filter(name, value, arguments);
    }
  }
  return base::unsupported(fmt::format("filter '{}' is not known", name));
}

Result<JinjaValue> apply_operator(std::string_view name, const JinjaValue& left,
                                  const JinjaValue& right) {
  if (name == "~") {
    return JinjaValue(left.print() + right.print());
  }
  if (name == "==" || name == "!=") {
    const bool equal =
        is_number(left) && is_number(right) ? real_of(left) == real_of(right) : left == right;
    return JinjaValue(equal == (name == "=="));
  }
  if (name == "in" || name == "not in") {
    SLUICE_ASSIGN_OR_RETURN(const JinjaValue found, contained(left, right));
    return JinjaValue(found.truthy() == (name == "in"));
  }
  if (name.front() == '<' || name.front() == '>') {
    return ordered(name, left, right);
  }
  if (is_number(left) && is_number(right)) {
    return arithmetic(name, left, right);
  }
  if (name == "+" && left.text() != nullptr && right.text() != nullptr) {
    return JinjaValue(*left.text() + *right.text());
  }
  if (name == "+" && left.list() != nullptr && right.list() != nullptr) {
    JinjaValue::List items = *left.list();
    items.insert(items.end(), right.list()->begin(), right.list()->end());
    return JinjaValue(std::move(items));
  }
  return base::invalid_input(fmt::format("'{}' does not take these operands", name));
}

}  // namespace sluice::dbt::internal
