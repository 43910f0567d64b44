#include "sluice/ingest/value_checks.h"

#include <gtest/gtest.h>

#include "sluice/contract/compile.h"
#include "sluice/sql/quote.h"

namespace sluice::ingest {
namespace {

using contract::RowRule;
using contract::RowRuleKind;
using data::TypeKind;

class DivideRules : public testing::Test {
 protected:
  contract::Contract contract_;
  std::vector<job::DecodeColumn> columns_;

  void add_column(const std::string& name, const data::Type& type) {
    contract_.schema.fields.push_back({0, name, type, false, ""});
    columns_.push_back(
        {name, type, false, contract::cast_expression(sql::quote_identifier(name), type)});
  }

  RowRule& add_rule(RowRuleKind kind, const std::string& column) {
    RowRule& rule = contract_.rules.emplace_back();
    rule.kind = kind;
    rule.column = column;
    return rule;
  }
};

TEST_F(DivideRules, LeavesNothingOfRulesThatTheDecoderKnows) {
  add_column("n", {TypeKind::kInt});
  add_column("s", {TypeKind::kString});
  add_rule(RowRuleKind::kRequired, "n");
  add_rule(RowRuleKind::kType, "n");
  add_rule(RowRuleKind::kRange, "n").minimum = contract::Bound{"1", true, {}};
  add_rule(RowRuleKind::kDomain, "s").values = {"a", "b"};
  add_rule(RowRuleKind::kLength, "s").length_max = 9;
  EXPECT_EQ(divide_rules(contract_, columns_), "NULL");
  EXPECT_TRUE(columns_[0].plain && columns_[1].plain);
  EXPECT_TRUE(columns_[0].no_null);
  EXPECT_FALSE(columns_[1].no_null);
  ASSERT_EQ(columns_[0].checks.size(), 1u);
  EXPECT_TRUE(columns_[0].checks[0].minimum->exclusive);
  ASSERT_EQ(columns_[1].checks.size(), 2u);
  EXPECT_EQ(columns_[1].checks[0].values.size(), 2u);
  EXPECT_EQ(columns_[1].checks[1].length_max, 9);
}

TEST_F(DivideRules, LeavesPatternsOfAStringToSql) {
  add_column("s", {TypeKind::kString});
  add_rule(RowRuleKind::kRequired, "s");
  add_rule(RowRuleKind::kPattern, "s").pattern = "^a";
  const std::string rest = divide_rules(contract_, columns_);
  EXPECT_NE(rest.find("regexp_matches"), std::string::npos) << rest;
  EXPECT_EQ(rest.find("required|"), std::string::npos) << rest;
  EXPECT_TRUE(columns_[0].plain && columns_[0].no_null);
}

TEST_F(DivideRules, LeavesAColumnToSqlWhoseRulesNeedItsText) {
  add_column("n", {TypeKind::kInt});
  add_rule(RowRuleKind::kRequired, "n");
  add_rule(RowRuleKind::kMultiple, "n").values = {"5"};
  const std::string rest = divide_rules(contract_, columns_);
  EXPECT_FALSE(columns_[0].plain);
  EXPECT_NE(rest.find("required|n"), std::string::npos) << rest;
  EXPECT_NE(rest.find("multiple|n"), std::string::npos) << rest;
}

TEST_F(DivideRules, LeavesAColumnToSqlThatHasACastOfItsOwn) {
  add_column("day", {TypeKind::kDate});
  columns_[0].cast = "strptime(\"day\", '%d.%m.%Y')";
  add_column("blob", {TypeKind::kBinary});
  divide_rules(contract_, columns_);
  EXPECT_FALSE(columns_[0].plain);
  EXPECT_FALSE(columns_[1].plain);
}

TEST_F(DivideRules, IgnoresWarnings) {
  add_column("n", {TypeKind::kInt});
  add_rule(RowRuleKind::kMultiple, "n").severity = contract::Severity::kWarning;
  EXPECT_EQ(divide_rules(contract_, columns_), "NULL");
  EXPECT_TRUE(columns_[0].plain);
}

}  // namespace
}  // namespace sluice::ingest
