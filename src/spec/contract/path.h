#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sluice/contract/contract.h"
#include "sluice/data/type.h"

namespace sluice::contract {

/// Writes the place of values inside of a column: `address.city`, `items[].sku`, `labels[key]`,
/// `labels[value]`.
std::string to_text(std::string_view column, std::span<const PathStep> path);

/// Names what a rule is about: its column, or a place inside of it.
std::string place_of(const RowRule& rule);

/// Finds the part that a step leads to; nullptr when the type has none.
const data::Field* find_part(const data::Type& type, const PathStep& step);

/// Finds the part of a field that a path leads to; nullptr when there is none.
const data::Field* find_part(const data::Field& column, std::span<const PathStep> path);

/// The type that a rule judges values of. Its path must lead somewhere in the contract's schema.
const data::Type& judged_type(const Contract& contract, const RowRule& rule);

/// How the text of a column, or of a part of one, is written; nullptr when in the usual form.
const WrittenForm* find_form(const Contract& contract, std::string_view column,
                             std::span<const PathStep> path);

}  // namespace sluice::contract
