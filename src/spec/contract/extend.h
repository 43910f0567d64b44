#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sluice/contract/contract.h"

namespace sluice::contract {

/// Says why a contract cannot have a column of this name beside those that it has; "" when it can.
/// DuckDB and most readers of tables do not tell names apart by case.
std::string column_problem(const Contract& contract, std::string_view name);

/// Adds an optional column that data brought: its type is all that is asked of it. False, and
/// nothing is changed, when no contract can declare such a type.
bool add_column(Contract& contract, const std::string& name, const data::Type& type);

/// Gives a column that data brought another type; false as above.
bool change_type(Contract& contract, const std::string& name, const data::Type& type);

/// Takes the rules out that refuse a value of another type where the column may go without:
/// optional columns that are no part of a key or reference. Such a value is read as null.
void forgive_types(Contract& contract, std::span<const std::string> keys);

/// Takes the columns out again that data brought.
void forget_inferred(Contract& contract);

/// Says whether a column came from data, not from the contract's file.
bool is_inferred(const Contract& contract, std::string_view column);

/// Makes the contract of a table that nobody wrote one for: no columns yet.
Contract inferred_contract(std::string table, std::string file);

/// Writes down a contract that has nothing but columns and their types, as ODCS 3.2.
std::string columns_as_contract(const Contract& contract);

/// The type that holds the values of both, if a table's column may grow from `from` to it; `from`
/// where it holds them all, or where it may not grow.
data::Type grown_type(const data::Type& from, const data::Type& seen);

}  // namespace sluice::contract
