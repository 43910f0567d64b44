#include "sluice/quality/gate.h"

#include <fmt/format.h>

#include <map>

#include "sluice/base/text.h"
#include "sluice/contract/compile.h"

namespace sluice::quality {

std::vector<Expectation> expectations_of(std::string_view table, std::span<const std::string> key,
                                         const contract::Contract* contract) {
  std::vector<Expectation> expectations;
  const auto add = [&](std::string name, contract::Severity severity, std::string sql) {
    expectations.push_back({name, severity, {name, std::move(sql), false}, std::nullopt, ""});
  };
  if (!key.empty()) {
    contract::KeyRule rule;
    rule.name = "key";
    rule.columns.assign(key.begin(), key.end());
    rule.primary = false;
    add(contract::rule_name(rule), rule.severity, contract::count_violations(rule, table));
  }
  if (contract == nullptr) {
    return expectations;
  }
  for (const contract::RowRule& rule : contract->rules) {
    const data::Field* column = contract->column(rule.column);
    if (rule.kind != contract::RowRuleKind::kType && column != nullptr) {
      add(contract::rule_name(rule), rule.severity,
          contract::count_violations(rule, column->type, table));
    }
  }
  for (const contract::KeyRule& rule : contract->keys) {
    add(contract::rule_name(rule), rule.severity, contract::count_violations(rule, table));
  }
  return expectations;
}

std::vector<Expectation> warnings_of(std::string_view table, const contract::Contract& contract) {
  std::vector<Expectation> expectations = expectations_of(table, {}, &contract);
  std::erase_if(expectations, [](const Expectation& expectation) {
    return expectation.severity != contract::Severity::kWarning;
  });
  return expectations;
}

std::vector<Expectation> measures_of(std::string_view table, const contract::Contract& contract,
                                     std::string_view now) {
  std::vector<Expectation> measures;
  for (const contract::TableRule& rule : contract.table_rules) {
    measures.push_back({rule.name,
                        rule.severity,
                        {rule.name, contract::measure(rule, contract, table), true},
                        rule.threshold,
                        rule.dimension});
  }
  for (const contract::ServiceLevel& level : contract.service_levels) {
    if (level.column.empty()) {
      continue;  // a publication is always fresh when it happens
    }
    contract::Threshold limit;
    limit.comparison = contract::Comparison::kLessOrEqual;
    limit.first = static_cast<double>(level.limit_s);
    measures.push_back({level.name,
                        contract::Severity::kWarning,
                        {level.name, contract::measure(level, table, now), true},
                        limit,
                        "timeliness"});
  }
  return measures;
}

std::vector<Expectation> references_of(std::string_view table, const contract::Contract& contract) {
  std::vector<Expectation> references;
  for (const contract::ReferenceRule& rule : contract.references) {
    const std::string name = contract::rule_name(rule);
    references.push_back({name,
                          rule.severity,
                          {name, contract::count_violations(rule, table), false},
                          std::nullopt,
                          "consistency"});
  }
  return references;
}

namespace {

/// `range(a): 3 rows`, `rowCount > 5: measured 3`.
std::string broken_text(const QualityResult& result) {
  if (!result.threshold.empty()) {
    return result.measured ? fmt::format("{}: measured {}", result.expectation, *result.measured)
                           : fmt::format("{}: there is nothing to measure", result.expectation);
  }
  return fmt::format("{}: {} {}", result.expectation, base::format_count(result.violations),
                     result.violations == 1 ? "row" : "rows");
}

QualityResult judge_one(const Expectation& expectation, std::int64_t violations,
                        std::optional<double> measured) {
  QualityResult result;
  result.expectation = expectation.name;
  result.severity = expectation.severity;
  result.dimension = expectation.dimension;
  if (expectation.threshold) {
    result.threshold = contract::to_text(*expectation.threshold);
    result.measured = measured;
    result.passed = contract::holds(*expectation.threshold, measured);
  } else {
    result.violations = violations;
    result.passed = violations == 0;
  }
  return result;
}

}  // namespace

std::string warning_text(const QualityResult& result) {
  if (!result.threshold.empty()) {
    return "warning: " + broken_text(result);
  }
  return fmt::format("warning: {} is broken by {} {}", result.expectation,
                     base::format_count(result.violations),
                     result.violations == 1 ? "row" : "rows");
}

base::Result<Verdict> judge(std::span<const Expectation> expectations,
                            const job::CheckResult& counts) {
  if (expectations.size() != counts.violations.size() ||
      expectations.size() != counts.measured.size()) {
    return base::internal_error(fmt::format("{} expectations, but {} counts", expectations.size(),
                                            counts.violations.size()));
  }
  Verdict verdict;
  std::vector<std::string> broken;
  std::map<std::string, int> named;
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    QualityResult result = judge_one(expectations[i], counts.violations[i], counts.measured[i]);
    if (const int number = ++named[result.expectation]; number > 1) {
      result.expectation += fmt::format(" #{}", number);  // results are told apart by name
    }
    if (!result.passed && result.severity == contract::Severity::kError) {
      broken.push_back(broken_text(result));
    }
    verdict.results.push_back(std::move(result));
  }
  verdict.publish = broken.empty();
  verdict.reason = base::join(broken, "; ");
  return verdict;
}

}  // namespace sluice::quality
