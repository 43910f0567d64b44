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
  const std::vector<std::int64_t> clean = {0, 0};
  const std::vector<std::int64_t> warned = {0, 5};
  const std::vector<std::int64_t> broken = {1200, 5};
  EXPECT_TRUE(judge(expectations, clean)->publish);
  EXPECT_TRUE(judge(expectations, warned)->publish);
  EXPECT_FALSE(judge(expectations, warned)->results[1].passed);
  const auto verdict = judge(expectations, broken);
  EXPECT_FALSE(verdict->publish);
  EXPECT_EQ(verdict->reason, expectations[0].name + ": 1,200 rows");
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
