#include "sluice/quality/gate.h"

#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/contract/compile.h"

namespace sluice::quality {

std::vector<Expectation> expectations_of(std::string_view table, std::span<const std::string> key,
                                         const contract::Contract* contract) {
  std::vector<Expectation> expectations;
  const auto add = [&](std::string name, contract::Severity severity, std::string sql) {
    expectations.push_back({name, severity, {name, std::move(sql)}});
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

std::string warning_text(const QualityResult& result) {
  return fmt::format("warning: {} is broken by {} {}", result.expectation,
                     base::format_count(result.violations),
                     result.violations == 1 ? "row" : "rows");
}

base::Result<Verdict> judge(std::span<const Expectation> expectations,
                            std::span<const std::int64_t> violations) {
  if (expectations.size() != violations.size()) {
    return base::internal_error(
        fmt::format("{} expectations, but {} counts", expectations.size(), violations.size()));
  }
  Verdict verdict;
  std::vector<std::string> broken;
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const Expectation& expectation = expectations[i];
    const bool passed = violations[i] == 0;
    verdict.results.push_back({expectation.name, expectation.severity, violations[i], passed});
    if (!passed && expectation.severity == contract::Severity::kError) {
      broken.push_back(fmt::format("{}: {} {}", expectation.name, base::format_count(violations[i]),
                                   violations[i] == 1 ? "row" : "rows"));
    }
  }
  verdict.publish = broken.empty();
  verdict.reason = base::join(broken, "; ");
  return verdict;
}

}  // namespace sluice::quality
