#pragma once

#include <string>
#include <string_view>

namespace sluice::contract::internal {

/// What stands for the table in the query of a TableRule until it is compiled.
inline constexpr std::string_view kTablePlaceholder = "${table}";

/// Puts the column (SQL, "" for a rule of the table) where a query has `${property}` or
/// `${column}`, and `${table}` where it has `${object}` or `${table}`. Another placeholder is named
/// in `unknown`. Source: ODCS 3.2, "Data Quality", SQL.
std::string bind_placeholders(std::string_view query, const std::string& property_sql,
                              std::string& unknown);

/// Quotes a column's name for SQL.
std::string quoted_column(std::string_view column);

}  // namespace sluice::contract::internal
