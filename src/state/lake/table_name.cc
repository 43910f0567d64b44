#include "sluice/lake/table_name.h"

#include <fmt/format.h>

namespace sluice::lake {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_name(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) {
    return false;
  }
  for (const char c : text) {
    if (!is_letter(c) && !(c >= '0' && c <= '9')) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string to_text(const TableName& table) { return table.ns + "." + table.name; }

base::Result<TableName> parse_table_name(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || !is_name(text.substr(0, dot)) ||
      !is_name(text.substr(dot + 1))) {
    return base::invalid_input(fmt::format(
        "'{}' is not a table name: it is written <namespace>.<name>, each of letters, digits and "
        "underscores, and not beginning with a digit",
        text));
  }
  return TableName{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

}  // namespace sluice::lake
