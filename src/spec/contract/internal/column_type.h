#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/contract/contract.h"
#include "sluice/data/type.h"

namespace sluice::contract::internal {

/// A column's type as declared, and what the declared width says beyond the type that a table has.
struct ColumnType {
  data::Type type;
  std::optional<Bound> minimum;  // smallint, u32, ...
  std::optional<Bound> maximum;
  std::optional<std::int64_t> length_max;  // varchar(9)
};

/// What a property declares of its type; "" where it says nothing.
struct DeclaredType {
  std::string logical;
  std::string physical;
  std::string format;  // logicalTypeOptions.format of integers and numbers
  bool with_timezone = false;
};

/// Why a declared type cannot be had, and which key is to blame.
struct TypeProblem {
  std::string_view key;
  std::string message;
  std::string hint;
};

/// Resolves a declaration: the physical type decides and must fit the logical one; without it an
/// integer is a long (or as its format says), a number a double, a timestamp is without zone unless
/// `timezone` says otherwise. nullopt fills `problem`.
std::optional<ColumnType> resolve_type(const DeclaredType& declared, TypeProblem& problem);

}  // namespace sluice::contract::internal
