#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/contract/severity.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::contract {

enum class Comparison {
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kBetween,     // bounds included
  kNotBetween,  // outside of the bounds, which are not allowed either
};

/// What a measured number must be. ODCS: `mustBe`, `mustBeGreaterThan`, `mustBeBetween`, ...
struct Threshold {
  Comparison comparison = Comparison::kEqual;
  double first = 0;
  double second = 0;  // kBetween, kNotBetween
  yaml::Mark mark;
};

/// Says whether a measured number is as it must be; no number (an empty answer) never is.
bool holds(const Threshold& threshold, std::optional<double> measured);

/// Writes a threshold for people: `>= 5`, `between 1 and 9`.
std::string to_text(const Threshold& threshold);

enum class Metric {
  kRowCount,
  kNullValues,
  kMissingValues,
  kInvalidValues,
  kDuplicateValues,
  kQuery
};

std::string_view to_text(Metric metric);

/// A rule over a whole table: a number is measured and compared. `name` is unique in its contract.
struct TableRule {
  std::string name;  // `nullValues(amount) < 5 %`, or the contract's own
  Metric metric = Metric::kRowCount;
  std::vector<std::string> columns;  // none for kRowCount and kQuery
  bool percent = false;              // of all rows, else a number of rows
  Threshold threshold;
  Severity severity = Severity::kError;
  std::vector<std::string> values;  // kMissingValues: spellings; kInvalidValues: the valid ones
  bool counts_null = false;         // kMissingValues: null is missing, too
  bool has_values = false;          // kInvalidValues: `values` judges
  std::string pattern;              // kInvalidValues: "" or RE2
  std::string query;                // kQuery: SQL; its table is named `${table}`
  std::string dimension;
  yaml::Mark mark;
};

enum class LevelKind {
  kFreshness,  // the newest value of `column`, or the last publication, is at most `limit_s` old
};

/// A service level that can be measured. ODCS `slaProperties`.
struct ServiceLevel {
  LevelKind kind = LevelKind::kFreshness;
  std::string name;    // `freshness(ordered_at) <= 2 hours`
  std::string column;  // a date or timestamp; "" is the time of the last publication
  std::int64_t limit_s = 0;
  yaml::Mark mark;
};

}  // namespace sluice::contract
