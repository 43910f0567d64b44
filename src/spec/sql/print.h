#pragma once

#include <string>
#include <string_view>

#include "sluice/sql/statement.h"

namespace sluice::sql {

/// How one engine spells what the tree holds. The tree's own names are DuckDB's.
struct Dialect {
  std::string (*identifier)(std::string_view name);  // quoted where it has to be
  std::string (*literal)(std::string_view text);
  std::string (*function)(std::string_view name);
  std::string (*type)(std::string_view duckdb_name);
};

/// The spelling of DuckDB 1.5, the one that statements are parsed from.
const Dialect& duckdb_dialect();

/// Prints a query as one line of SQL. In DuckDB's dialect the text parses to the same tree.
std::string print(const QueryNode& query, const Dialect& dialect = duckdb_dialect());

/// Prints an expression without its alias. In DuckDB's dialect this is also how DuckDB names a
/// column that was given no name.
std::string print(const Expression& expression, const Dialect& dialect = duckdb_dialect());

}  // namespace sluice::sql
