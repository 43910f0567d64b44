#include "sluice/dbt/jinja_value.h"

#include <fmt/format.h>

namespace sluice::dbt {

bool JinjaValue::truthy() const {
  if (const bool* flag = boolean()) {
    return *flag;
  }
  if (const std::int64_t* number = integer()) {
    return *number != 0;
  }
  if (const double* number = real()) {
    return *number != 0;
  }
  if (const std::string* held = text()) {
    return !held->empty();
  }
  if (const List* items = list()) {
    return !items->empty();
  }
  const Map* entries = map();
  return entries != nullptr && !entries->empty();
}

std::string JinjaValue::print_quoted() const {
  return text() == nullptr ? print() : "'" + *text() + "'";
}

std::string JinjaValue::print() const {
  if (const bool* flag = boolean()) {
    return *flag ? "True" : "False";
  }
  if (const std::int64_t* number = integer()) {
    return fmt::format("{}", *number);
  }
  if (const double* number = real()) {
    return fmt::format("{}", *number);
  }
  if (const std::string* held = text()) {
    return *held;
  }
  std::string printed;
  if (const List* items = list()) {
    for (const JinjaValue& item : *items) {
      printed += (printed.empty() ? "" : ", ") + item.print_quoted();
    }
    return "[" + printed + "]";
  }
  if (const Map* entries = map()) {
    for (const auto& [key, value] : *entries) {
      printed += fmt::format("{}'{}': {}", printed.empty() ? "" : ", ", key, value.print_quoted());
    }
    return "{" + printed + "}";
  }
  return "None";
}

}  // namespace sluice::dbt
