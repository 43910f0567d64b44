#include "sluice/quality/gate.h"

#include <gtest/gtest.h>

namespace sluice::quality {
namespace {

contract::Contract contract_with_range() {
  contract::Contract contract;
  contract.schema.fields = {{0, "delay", {data::TypeKind::kInt}, false, ""}};
  contract::RowRule rule;
  rule.kind = contract::RowRuleKind::kRange;
  rule.column = "delay";
  rule.minimum = contract::Bound{"0", false};
  contract.rules.push_back(rule);
  rule.kind = contract::RowRuleKind::kRequired;
  rule.severity = contract::Severity::kWarning;
  contract.rules.push_back(rule);
  return contract;
}

TEST(Gate, AsksForTheKeyAndEveryRule) {
  const contract::Contract contract = contract_with_range();
  const std::vector<std::string> key = {"day"};
  const auto expectations = expectations_of("gold.d", key, &contract);
  ASSERT_EQ(expectations.size(), 3u);
  EXPECT_EQ(expectations[0].name, "key(day)");
  EXPECT_NE(expectations[1].check.sql.find("\"gold\".\"d\""), std::string::npos);
}

TEST(Gate, BlocksOnAnErrorAndRecordsAWarning) {
  const contract::Contract contract = contract_with_range();
  const auto expectations = expectations_of("gold.d", {}, &contract);
  const job::CheckResult clean{{0, 0}, {{}, {}}};
  const job::CheckResult warned{{0, 5}, {{}, {}}};
  const job::CheckResult broken{{1200, 5}, {{}, {}}};
  EXPECT_TRUE(judge(expectations, clean)->publish);
  EXPECT_TRUE(judge(expectations, warned)->publish);
  EXPECT_FALSE(judge(expectations, warned)->results[1].passed);
  const auto verdict = judge(expectations, broken);
  EXPECT_FALSE(verdict->publish);
  EXPECT_EQ(verdict->reason, expectations[0].name + ": 1,200 rows");
}

TEST(Gate, ComparesAMeasureWithItsThreshold) {
  contract::Contract contract;
  contract::TableRule rule;
  rule.name = "rowCount between 2 and 4";
  rule.threshold = {contract::Comparison::kBetween, 2, 4, {}};
  contract.table_rules.push_back(rule);
  const auto measures = measures_of("gold.d", contract, "2024-01-01T00:00:00Z");
  ASSERT_EQ(measures.size(), 1u);
  EXPECT_TRUE(measures[0].check.measures);
  EXPECT_TRUE(judge(measures, {{0}, {4.0}})->publish);
  const auto verdict = judge(measures, {{0}, {5.0}});
  EXPECT_FALSE(verdict->publish);
  EXPECT_EQ(verdict->reason, "rowCount between 2 and 4: measured 5");
  EXPECT_EQ(verdict->results[0].threshold, "between 2 and 4");
  EXPECT_EQ(judge(measures, {{0}, {std::nullopt}})->reason,
            "rowCount between 2 and 4: there is nothing to measure");
}

TEST(Gate, TellsRulesOfOneNameApart) {
  const contract::Contract contract = contract_with_range();
  auto expectations = expectations_of("gold.d", {}, &contract);
  expectations.push_back(expectations[0]);
  const auto verdict = judge(expectations, {{0, 0, 0}, {{}, {}, {}}});
  EXPECT_EQ(verdict->results[2].expectation, verdict->results[0].expectation + " #2");
}

TEST(Gate, AsksASourceForItsWarningsOnly) {
  const auto warnings = warnings_of("bronze.d", contract_with_range());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].name, "required(delay)");
}

TEST(Gate, RefusesAnotherNumberOfCounts) {
  const contract::Contract contract = contract_with_range();
  const auto expectations = expectations_of("gold.d", {}, &contract);
  EXPECT_EQ(judge(expectations, {}).error().kind, base::ErrorKind::kInternal);
}

}  // namespace
}  // namespace sluice::quality
