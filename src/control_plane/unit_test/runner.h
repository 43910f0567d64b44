#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/limits.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/project/unit_test.h"
#include "sluice/storage/file_io.h"

namespace sluice::unit_test {

enum class Outcome { kPassed, kFailed, kError };

std::string_view to_text(Outcome outcome);

/// How one test went. `message` says what differs (kFailed) or what is wrong with the test itself
/// (kError). `columns` and `rules` are what it looked at, for coverage.
struct TestResult {
  Outcome outcome = Outcome::kPassed;
  std::string message;
  std::int64_t wall_us = 0;
  std::set<std::string> columns;  // compared with expected values
  std::set<std::string> rules;    // of a contract, seen broken: `range(amount)`
};

struct RunnerParts {
  const project::Project& project;
  const project::Analysis& analysis;
  engine::Engine& engine;
  storage::FileIo& files;
  const base::Clock& clock;
  job::Limits limits;
  std::string scratch_dir;  // absolute; files of source tests, removed after each
};

/// Runs unit tests: each in a database of its own that holds nothing but what the test gives, so
/// no table of the project is read or written. An Error means that no worker could be had, or a
/// stop (kCancelled).
class Runner {
 public:
  explicit Runner(RunnerParts parts) : parts_(std::move(parts)) {}

  base::Result<TestResult> run(const project::UnitTest& test, std::stop_token stop);

 private:
  base::Status run_model(const project::UnitTest& test, std::stop_token stop, TestResult& result);
  base::Status run_source(const project::UnitTest& test, std::stop_token stop, TestResult& result);
  base::Status run_contract(const project::UnitTest& test, std::stop_token stop,
                            TestResult& result);
  base::Status offer_tables(const project::UnitTest& test, const contract::Contract& contract,
                            job::QueryJob& job);
  base::Result<data::Batch> query(job::QueryJob job, std::stop_token stop);

  RunnerParts parts_;
};

}  // namespace sluice::unit_test
