#pragma once

#include <string>
#include <string_view>

namespace sluice::duck {

/// Quotes an identifier for statements that the worker itself composes, where DuckDB takes no bound
/// parameter (view and column names, COPY options): `day` becomes `"day"`, inner quotes are
/// doubled.
std::string quote_identifier(std::string_view name);

/// Quotes text as a string literal, for the same places: `it's` becomes `'it''s'`.
std::string quote_literal(std::string_view text);

/// Undoes quote_identifier(); text without quotes is returned as it is.
std::string unquote_identifier(std::string_view quoted);

}  // namespace sluice::duck
