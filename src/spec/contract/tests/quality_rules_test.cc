#include "sluice/contract/internal/quality_rules.h"

#include <gtest/gtest.h>

#include "sluice/contract/compile.h"
#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

/// A contract whose only column `a` has one quality rule.
std::string with_rule(const std::string& rule) {
  return contract_of(
      "      - name: a\n        logicalType: string\n        quality:\n          - " + rule + "\n");
}

std::string only_rule(const std::string& rule) {
  const Contract contract = sound(with_rule(rule));
  if (contract.rules.empty()) {
    return contract.keys.empty() ? "none" : rule_name(contract.keys[0]);
  }
  const RowRule& first = contract.rules[0];
  return rule_name(first) + " " + std::string(to_text(first.severity)) + ": " + first.message;
}

TEST(QualityRules, TurnMetricsIntoRowRules) {
  EXPECT_EQ(only_rule("{metric: nullValues, mustBe: 0}"), "required(a) error: present");
  EXPECT_EQ(only_rule("{metric: missingValues, mustBe: 0, severity: warning}"),
            "required(a) warning: present");
  EXPECT_EQ(only_rule("{metric: missingValues, arguments: {missingValues: ['', N/A]}, mustBe: 0}"),
            "missing(a) error: a value, it spells a missing one");
  EXPECT_EQ(only_rule("{metric: missingValues, arguments: {missingValues: [null]}, mustBe: 0}"),
            "required(a) error: present");
  EXPECT_EQ(only_rule("{type: library, metric: invalidValues, arguments: {validValues: [x, y]}, "
                      "mustBe: 0}"),
            "domain(a) error: one of x, y");
  EXPECT_EQ(only_rule("{metric: invalidValues, arguments: {pattern: '^x'}, mustBeLessThan: 1}"),
            "pattern(a) error: a match of ^x");
  EXPECT_EQ(only_rule("{metric: duplicateValues, mustBeLessOrEqualTo: 0}"), "unique(a)");
}

TEST(QualityRules, LeaveProseAlone) {
  EXPECT_EQ(only_rule("{type: text, description: Somebody looks at these.}"), "none");
}

TEST(QualityRules, NameWhatCannotBeExecuted) {
  const auto refused = [](const std::string& rule, const std::string& message) {
    const std::string said = complaint(with_rule(rule));
    EXPECT_NE(said.find(message), std::string::npos) << rule << "\n" << said;
  };
  refused("{type: custom, engine: soda, implementation: x, name: mine}",
          "rule 'mine' (of type custom) cannot be executed: it is for the engine 'soda'");
  refused("{metric: rowCount, mustBeGreaterThan: 5}", "cannot be executed on a property");
  refused("{type: sql, query: 'SELECT ${what}', mustBe: 0}", "unknown placeholder '${what}'");
  refused("{type: sql, query: SELECT 1, mustBe: 0, unit: percent}", "cannot be a percentage");
  refused("{metric: nullValues, mustBe: none}", "mustBe must be a number");
  refused("{metric: nullValues, mustBe: 0, mustNotBe: 1}", "has both mustBe and mustNotBe");
  refused("{metric: nullValues, mustBeBetween: [9, 1]}", "has its larger number first");
  refused("{metric: nullValues}", "rule nullValues has no threshold");
  refused("{metric: nulValues, mustBe: 0}", "did you mean 'nullValues'?");
  refused("{metric: invalidValues, mustBe: 0}", "needs arguments.validValues or arguments.pattern");
  refused("{metric: invalidValues, arguments: {validvalues: [x]}, mustBe: 0}",
          "unknown key 'validvalues'");
  refused("{mustBe: 0}", "lacks 'metric'");
  refused("{metric: nullValues, mustbe: 0}", "did you mean 'mustBe'?");
  refused("{metric: nullValues, mustBe: 0, severity: fatal}", "severity must be one of");
}

std::string only_table_rule(const std::string& rule) {
  const Contract contract = sound(with_rule(rule));
  return contract.table_rules.size() != 1 || contract.rules.size() + contract.keys.size() > 0
             ? "none"
             : contract.table_rules[0].name;
}

TEST(QualityRules, WithAThresholdMeasureTheTable) {
  EXPECT_EQ(only_table_rule("{metric: nullValues, mustBeLessThan: 5, unit: percent}"),
            "nullValues(a) < 5 %");
  EXPECT_EQ(only_table_rule("{metric: nullValues, mustBeLessThan: 1, unit: percent}"),
            "nullValues(a) < 1 %");
  EXPECT_EQ(only_table_rule("{metric: duplicateValues, mustBeBetween: [1, 3]}"),
            "duplicateValues(a) between 1 and 3");
  EXPECT_EQ(only_table_rule("{metric: invalidValues, arguments: {validValues: [x]}, "
                            "mustBeLessOrEqualTo: 2}"),
            "invalidValues(a) <= 2");
  EXPECT_EQ(only_table_rule(
                "{type: sql, query: 'SELECT count(${property}) FROM ${object}', mustNotBe: 0}"),
            "query <> 0");
}

TEST(QualityRules, OfATableKnowItsProperties) {
  const std::string table =
      contract_of("      - {name: a, logicalType: string}\n") +
      "    quality:\n      - {metric: duplicateValues, mustBe: 0, arguments: ";
  EXPECT_EQ(sound(table + "{properties: [a]}}\n").keys.size(), 1U);
  EXPECT_NE(complaint(table + "{properties: [b]}}\n").find("unknown property 'b'"),
            std::string::npos);
  EXPECT_NE(complaint(table + "{properties: []}}\n").find("names no property"), std::string::npos);
  EXPECT_NE(complaint(table + "{}}\n").find("cannot be executed on a table"), std::string::npos);
}

}  // namespace
}  // namespace sluice::contract
