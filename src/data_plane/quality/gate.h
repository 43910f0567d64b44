#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/contract/contract.h"
#include "sluice/job/query_job.h"

namespace sluice::quality {

/// One rule that a table must meet before it is published, and the query that counts violations.
struct Expectation {
  std::string name;  // `range(dep_delay)`, `key(day, carrier)`
  contract::Severity severity = contract::Severity::kError;
  job::Check check;
  std::optional<contract::Threshold> threshold;  // of a check that measures
  std::string dimension;                         // ODCS: completeness, uniqueness, ...
};

/// Returns what a model's output must meet: its header's key, and the rules of its contract
/// (may be null). `table` is the dotted name under which the staged rows are offered to the checks.
std::vector<Expectation> expectations_of(std::string_view table, std::span<const std::string> key,
                                         const contract::Contract* contract);

/// Returns the rules of severity warning that a source's contract has: those of severity error are
/// judged record by record before a row is staged.
std::vector<Expectation> warnings_of(std::string_view table, const contract::Contract& contract);

/// Returns the rules over the whole table: measures with thresholds, and the freshness of a column
/// at `now` (ISO 8601).
std::vector<Expectation> measures_of(std::string_view table, const contract::Contract& contract,
                                     std::string_view now);

/// Returns the counts of rows that refer to no row of another table.
std::vector<Expectation> references_of(std::string_view table, const contract::Contract& contract);

struct QualityResult {
  std::string expectation;
  contract::Severity severity = contract::Severity::kError;
  std::int64_t violations = 0;
  bool passed = true;
  std::optional<double> measured;
  std::string threshold;  // "" where violations are counted
  std::string dimension;
};

/// Says for people that a rule of severity warning is broken, or by how much one of severity error.
std::string warning_text(const QualityResult& result);

/// What the gate says of a staged table: published unless an expectation of severity error failed.
struct Verdict {
  bool publish = true;
  std::vector<QualityResult> results;
  std::string reason;  // "" when published, else the broken expectations with their counts
};

/// Judges the numbers that the checks gave, in the order of the expectations. kInternal when they
/// do not match in number.
base::Result<Verdict> judge(std::span<const Expectation> expectations,
                            const job::CheckResult& counts);

}  // namespace sluice::quality
