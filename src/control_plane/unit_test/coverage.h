#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/project/unit_test.h"
#include "sluice/unit_test/runner.h"

namespace sluice::unit_test {

/// What the tests of one table look at. Columns are those whose values a test compares; rules those
/// of the table's contract that some test sees broken.
struct TableCoverage {
  std::string table;
  std::string kind;  // model | source
  std::int64_t tests = 0;
  std::int64_t columns = 0;
  std::int64_t columns_compared = 0;
  std::int64_t rules = 0;
  std::int64_t rules_broken = 0;
  std::vector<std::string> columns_left;  // never compared
  std::vector<std::string> rules_left;    // never seen broken
};

/// Says what tests and their results cover of every source and model, in the project's order;
/// `results[i]` belongs to `tests[i]`.
std::vector<TableCoverage> coverage(const project::Project& project,
                                    const project::Analysis& analysis,
                                    const std::vector<project::UnitTest>& tests,
                                    const std::vector<TestResult>& results);

}  // namespace sluice::unit_test
