#pragma once

#include <string>
#include <vector>

#include "sluice/project/unit_test.h"
#include "sluice/unit_test/runner.h"

namespace sluice::unit_test {

/// Writes results as JUnit XML, as build servers read it: one `testsuite` per file of tests, one
/// `testcase` per test with its subject as class name. `results[i]` belongs to `tests[i]`.
std::string junit_xml(const std::string& project, const std::vector<project::UnitTest>& tests,
                      const std::vector<TestResult>& results);

}  // namespace sluice::unit_test
