#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sluice/sql/bind.h"

namespace sluice::sql {

/// Ways in which an output column depends on a column of a table, as flags: its values come from
/// there, or only which rows there are and how they are put together.
enum ColumnUse : std::uint8_t {
  kCopied = 1,
  kComputed = 2,
  kAggregated = 4,
  kJoins = 8,
  kFilters = 16,
  kGroups = 32,
  kOrders = 64,
};
using ColumnUses = std::uint8_t;
inline constexpr ColumnUses kValueUses = kCopied | kComputed | kAggregated;

struct BaseColumn {
  std::string table;  // dotted name
  std::string column;

  friend auto operator<=>(const BaseColumn&, const BaseColumn&) = default;
};

/// What an output column follows from. A column of a table that is not listed cannot change it.
struct ColumnLineage {
  std::string column;
  std::map<BaseColumn, ColumnUses> uses;
};

/// Returns the lineage of each output column, through subqueries, common table expressions, set
/// operations, windows and PIVOT.
std::vector<ColumnLineage> column_lineage(const BoundQuery& bound);

/// Names the uses: `copied`, `computed`, `aggregated`, `join`, `filter`, `group`, `order`.
std::vector<std::string> to_texts(ColumnUses uses);

}  // namespace sluice::sql
