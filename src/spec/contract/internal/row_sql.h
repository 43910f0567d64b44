#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sluice/contract/contract.h"
#include "sluice/data/type.h"

namespace sluice::contract::internal {

/// Characters of an offending value that a reason repeats.
inline constexpr std::string_view kShownCharacters = "64";

/// SQL that says that a value breaks a rule; null counts as "not broken". `text_sql` is what the
/// rule's spellings are compared with, `typed_sql` the value.
std::string broken(const RowRule& rule, const data::Type& type, const std::string& text_sql,
                   const std::string& typed_sql);

/// SQL from text to a scalar of `type`, null where the text is no such value. `form` says how it
/// is written, nullptr in the usual form.
std::string value_cast(std::string_view text_sql, const data::Type& type, const WrittenForm* form);

/// SQL from a nested column's text to its value. The text is JSON as decoders write it: all scalars
/// are strings or null, a map is an array of objects with `key` and `value`.
std::string nested_cast(const Contract& contract, const data::Field& column,
                        const std::string& text_sql);

/// SQL of the verdict on such a text by all of its column's rules, in their order; null when none
/// is broken. The place in a reason counts items from 1, as SQL does.
std::string nested_verdict(const Contract& contract, const data::Field& column,
                           std::span<const RowRule* const> rules, const std::string& text_sql);

/// An SQL predicate over a typed column that has values inside or is one of those: true when the
/// rule is broken, false otherwise, never null.
std::string nested_violation(const RowRule& rule, const data::Type& column_type,
                             const std::string& column_sql);

}  // namespace sluice::contract::internal
