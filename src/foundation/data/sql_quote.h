#pragma once

#include <string>
#include <string_view>

namespace sluice::data {

/// Quotes an identifier for SQL: `day` becomes `"day"`, inner quotes are doubled. The one place
/// where this is done, for what the front prints and for what a worker composes.
std::string quote_identifier(std::string_view name);

/// Quotes text as an SQL string literal: `it's` becomes `'it''s'`.
std::string quote_literal(std::string_view text);

/// Quotes `namespace.name` part by part.
std::string quote_table(std::string_view dotted_name);

}  // namespace sluice::data
