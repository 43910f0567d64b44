#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::lake {

/// The name of a table within a warehouse, written `bronze.flights`.
struct TableName {
  std::string ns;
  std::string name;

  friend auto operator<=>(const TableName&, const TableName&) = default;
};

std::string to_text(const TableName& table);

/// Parses what to_text() writes. Both parts begin with a letter or underscore and have letters,
/// digits and underscores (ASCII); kInvalidInput, with the text, otherwise.
base::Result<TableName> parse_table_name(std::string_view text);

}  // namespace sluice::lake
