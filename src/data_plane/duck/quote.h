#pragma once

#include <string>
#include <string_view>

#include "sluice/data/sql_quote.h"

namespace sluice::duck {

/// For statements that the worker itself composes where DuckDB takes no bound parameter: view and
/// column names, COPY options.
using data::quote_identifier;
using data::quote_literal;
using data::quote_table;

/// Undoes quote_identifier(); text without quotes is returned as it is.
std::string unquote_identifier(std::string_view quoted);

}  // namespace sluice::duck
