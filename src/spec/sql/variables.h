#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/sql/query.h"

namespace sluice::sql {

/// Returns a variable's value as an SQL expression; nothing when there is none of that name.
using VariableLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// A statement whose calls of `getvariable('name')` have become the values, so that whoever reads
/// it sees constants. A call that could not be replaced stands as it was and is a problem.
struct BoundStatement {
  std::string sql;
  std::vector<std::string> used;  // each name once, in order of appearance
  std::vector<Problem> problems;  // by bytes of the statement as written

  /// Returns the byte of the statement as written for a byte of `sql`; -1 stays -1. A byte inside a
  /// value is that of its call.
  std::int64_t as_written(std::int64_t offset) const;

 private:
  friend BoundStatement bind_variables(std::string_view sql, const VariableLookup& lookup,
                                       const std::vector<std::string>& known);
  struct Replaced {
    std::size_t at = 0;     // in `sql`
    std::size_t bytes = 0;  // in `sql`
    std::size_t from = 0;   // as written
    std::size_t from_bytes = 0;
  };
  std::vector<Replaced> replaced_;
};

/// Binds the variables of one statement. `known` are the names to propose where one is unknown.
BoundStatement bind_variables(std::string_view sql, const VariableLookup& lookup,
                              const std::vector<std::string>& known);

}  // namespace sluice::sql
