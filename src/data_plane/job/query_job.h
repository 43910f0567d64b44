#pragma once

#include <cstdint>
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

/// Counts the rows that break expectations of a table as it would be. Each check's `sql` yields one
/// row with one BIGINT: the number of violations.
struct Check {
  std::string name;
  std::string sql;
};

struct CheckJob {
  std::vector<ScanInput> inputs;
  std::vector<Check> checks;
};

struct CheckResult {
  std::vector<std::int64_t> violations;  // in the order of the checks
};

}  // namespace sluice::job
