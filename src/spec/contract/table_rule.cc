#include "sluice/contract/table_rule.h"

#include <fmt/format.h>

namespace sluice::contract {

bool holds(const Threshold& threshold, std::optional<double> measured) {
  if (!measured) {
    return false;
  }
  const double number = *measured;
  switch (threshold.comparison) {
    case Comparison::kEqual:
      return number == threshold.first;
    case Comparison::kNotEqual:
      return number != threshold.first;
    case Comparison::kGreater:
      return number > threshold.first;
    case Comparison::kGreaterOrEqual:
      return number >= threshold.first;
    case Comparison::kLess:
      return number < threshold.first;
    case Comparison::kLessOrEqual:
      return number <= threshold.first;
    case Comparison::kBetween:
      return number >= threshold.first && number <= threshold.second;
    case Comparison::kNotBetween:
      return number < threshold.first || number > threshold.second;
  }
  return false;
}

std::string to_text(const Threshold& threshold) {
  switch (threshold.comparison) {
    case Comparison::kEqual:
      return fmt::format("= {}", threshold.first);
    case Comparison::kNotEqual:
      return fmt::format("<> {}", threshold.first);
    case Comparison::kGreater:
      return fmt::format("> {}", threshold.first);
    case Comparison::kGreaterOrEqual:
      return fmt::format(">= {}", threshold.first);
    case Comparison::kLess:
      return fmt::format("< {}", threshold.first);
    case Comparison::kLessOrEqual:
      return fmt::format("<= {}", threshold.first);
    case Comparison::kBetween:
      return fmt::format("between {} and {}", threshold.first, threshold.second);
    case Comparison::kNotBetween:
      return fmt::format("not between {} and {}", threshold.first, threshold.second);
  }
  return "";
}

std::string_view to_text(Metric metric) {
  switch (metric) {
    case Metric::kRowCount:
      return "rowCount";
    case Metric::kNullValues:
      return "nullValues";
    case Metric::kMissingValues:
      return "missingValues";
    case Metric::kInvalidValues:
      return "invalidValues";
    case Metric::kDuplicateValues:
      return "duplicateValues";
    case Metric::kQuery:
      return "query";
  }
  return "";
}

}  // namespace sluice::contract
