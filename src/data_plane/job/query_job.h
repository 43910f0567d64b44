#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/data/batch.h"
#include "sluice/job/scan_input.h"

namespace sluice::job {

/// Runs one SELECT and streams its rows back as bounded batches.
struct QueryJob {
  std::vector<ScanInput> inputs;
  std::vector<MemoryInput> memory;
  std::string sql;
  std::int64_t rows_max = 0;  // 0: all; else the answer is cut there and says so
};

/// Follows the last batch. Column names and types are known even when no row came.
struct QueryResult {
  std::vector<data::Column> columns;  // `values` empty
  std::int64_t rows = 0;
  bool cut = false;
};

/// Judges a table as it would be. Each check's `sql` yields one row with one number: the rows that
/// break a rule, or, where it `measures`, what a threshold is compared with (null: nothing).
struct Check {
  std::string name;
  std::string sql;
  bool measures = false;
};

struct CheckJob {
  std::vector<ScanInput> inputs;
  std::vector<Check> checks;
};

struct CheckResult {
  std::vector<std::int64_t> violations;         // in the order of the checks; 0 for measures
  std::vector<std::optional<double>> measured;  // in that order, too; absent for the others
};

}  // namespace sluice::job
