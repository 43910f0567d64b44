#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sluice/data/type.h"
#include "sluice/data/value.h"

namespace sluice::data {

/// One column of a batch: `values` has the batch's number of rows.
struct Column {
  std::string name;
  Type type;
  std::vector<Value> values;

  friend bool operator==(const Column&, const Column&) = default;
};

/// A bounded number of rows held column by column, as answers and `sluice.*` tables travel between
/// front and worker. Bulk data never does: it travels as Parquet files.
struct Batch {
  std::vector<Column> columns;

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().values.size(); }

  friend bool operator==(const Batch&, const Batch&) = default;
};

/// Rows that a producer puts into one batch at most.
inline constexpr std::size_t kBatchRowsMax = 2048;

}  // namespace sluice::data
