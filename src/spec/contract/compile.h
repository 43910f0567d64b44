#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sluice/contract/contract.h"
#include "sluice/data/type.h"

namespace sluice::contract {

/// Returns DuckDB SQL from a text expression to `type`: null where the text is no such value.
/// Strict, so that nothing is rounded or guessed: whole numbers take digits only; decimals no more
/// fractional digits than the scale (trailing zeros aside) and no exponent; dates and timestamps
/// are ISO 8601, of at most microseconds; a timestamp without zone takes no offset; booleans are
/// true, false, t, f, 1, 0 in any case. A null stays null.
std::string cast_expression(std::string_view text_sql, const data::Type& type);

/// Returns DuckDB SQL from a contract's raw text column (VARCHAR, named as in the contract) to its
/// value, as its type and its written form ask. A nested column's text is JSON as decoders write
/// it: all scalars are strings or null, a map is an array of objects with `key` and `value`.
std::string column_cast(const Contract& contract, const data::Field& column);

/// Returns one SQL expression over raw text columns (VARCHAR, named as in the contract, null
/// spellings already null): null for a good row, else `<rule>|<column>|<reason>` of the first rule
/// of severity error that it breaks, column by column in the contract's order. `NULL` if no rule
/// can be broken.
std::string verdict_expression(const Contract& contract);
/// The same for some rules of the contract alone, in the order given.
std::string verdict_expression(const Contract& contract, std::span<const RowRule* const> rules);

/// Returns an SQL predicate over typed columns: true when the row breaks the rule, false otherwise,
/// never null; `type` is the whole column's. kType cannot be broken there and yields `false`.
std::string violation_predicate(const RowRule& rule, const data::Type& type);

/// Returns a query of one row and one BIGINT: how many rows of `table` (dotted) break the rule. For
/// a key: rows beyond the first of each key, and for the primary key rows with a null in it.
std::string count_violations(const RowRule& rule, const data::Type& type, std::string_view table);
std::string count_violations(const KeyRule& key, std::string_view table);

/// Returns a query of one row and one BIGINT: how many rows of `table` have values that no row of
/// the other table has.
std::string count_violations(const ReferenceRule& reference, std::string_view table);

/// Returns a query of one row and one number over `table` (dotted): what the rule measures.
std::string measure(const TableRule& rule, const Contract& contract, std::string_view table);

/// Returns a query of one row and one number: the seconds from the newest value of the level's
/// column to `now` (ISO 8601, UTC), null when there is none. The level must have a column.
std::string measure(const ServiceLevel& level, std::string_view table, std::string_view now);

/// Names the rule in results and messages: `range(dep_delay)`, `primary_key(day, carrier)`.
std::string rule_name(const RowRule& rule);
std::string rule_name(const KeyRule& key);
std::string rule_name(const ReferenceRule& reference);

}  // namespace sluice::contract
