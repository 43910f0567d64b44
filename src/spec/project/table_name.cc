#include "sluice/project/internal/table_name.h"

#include <algorithm>

namespace sluice::project::internal {

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

bool is_table_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot != std::string_view::npos && is_name(name.substr(0, dot)) &&
         is_name(name.substr(dot + 1));
}

bool is_reserved_namespace(std::string_view name) {
  constexpr std::string_view kReserved[] = {
      "quarantine", "sluice", "main", "temp", "system", "information_schema", "pg_catalog"};
  return std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

}  // namespace sluice::project::internal
