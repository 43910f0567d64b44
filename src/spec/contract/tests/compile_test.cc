#include "sluice/contract/compile.h"

#include <gtest/gtest.h>

#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

TEST(CastExpression, TakesOnlyTheWrittenFormOfItsType) {
  EXPECT_EQ(cast_expression("\"a\"", {data::TypeKind::kString}), "\"a\"");
  EXPECT_EQ(
      cast_expression("\"a\"", {data::TypeKind::kInt}),
      "CASE WHEN regexp_full_match(\"a\", '[+-]?[0-9]+') THEN TRY_CAST(\"a\" AS INTEGER) END");
  EXPECT_EQ(cast_expression("\"a\"", data::decimal_type(9, 2)),
            "CASE WHEN regexp_full_match(\"a\", "
            "'[+-]?([0-9]+(\\.[0-9]{0,2}0*)?|\\.[0-9]{1,2}0*)') THEN "
            "TRY_CAST(\"a\" AS DECIMAL(9,2)) END");
}

TEST(VerdictExpression, NamesTheFirstBrokenRule) {
  const Contract contract = sound(contract_of(
      "      - {name: a, logicalType: string, required: true, enum: [{value: it's}]}\n"));
  EXPECT_EQ(verdict_expression(contract),
            "CASE WHEN \"a\" IS NULL THEN 'required|a|no value'"
            " WHEN \"a\" NOT IN ('it''s') THEN concat('domain|a|''', left(\"a\", 64), "
            "''' is not one of it''s') END");
}

TEST(VerdictExpression, JudgesTypeAndRangeOfAGoodRowWithOneCast) {
  const Contract contract = sound(contract_of(
      "      - {name: a, logicalType: boolean}\n"
      "      - {name: d, logicalType: date, logicalTypeOptions: {minimum: 2013-01-01}}\n"));
  const std::string cast = cast_expression("\"d\"", {data::TypeKind::kDate});
  EXPECT_NE(verdict_expression(contract).find(
                " WHEN NOT coalesce(NOT (" + cast +
                " < CAST('2013-01-01' AS DATE)), \"d\" IS NULL) THEN CASE WHEN " + cast +
                " IS NULL THEN concat('type|d|''', left(\"d\", 64), ''' is not a date') ELSE "
                "concat('range|d|''', left(\"d\", 64), ''' is not at least 2013-01-01') END"),
            std::string::npos)
      << verdict_expression(contract);
}

TEST(VerdictExpression, LeavesWarningsOut) {
  const Contract contract = sound(contract_of(
      "      - {name: a, logicalType: string, quality: [{metric: nullValues, mustBe: 0, "
      "severity: warning}]}\n"));
  EXPECT_EQ(verdict_expression(contract), "NULL");
}

TEST(VerdictExpression, QuotesNames) {
  const Contract contract =
      sound(contract_of("      - {name: 'a\"b''c', logicalType: string, required: true}\n"));
  EXPECT_EQ(verdict_expression(contract),
            "CASE WHEN \"a\"\"b'c\" IS NULL THEN 'required|a\"b''c|no value' END");
}

TEST(ViolationPredicate, IsNeverNull) {
  const Contract contract = sound(kOrders);
  for (const RowRule& rule : contract.rules) {
    const std::string sql = violation_predicate(rule, contract.column(rule.column)->type);
    if (rule.kind == RowRuleKind::kType) {
      EXPECT_EQ(sql, "false");
    } else {
      EXPECT_TRUE(sql.starts_with("coalesce(") && sql.ends_with(", false)")) << sql;
    }
  }
}

TEST(ViolationPredicate, ComparesTypedValues) {
  const Contract contract = sound(kOrders);
  const RowRule& range = contract.rules[5];
  ASSERT_EQ(range.kind, RowRuleKind::kRange);
  EXPECT_EQ(violation_predicate(range, contract.column("amount")->type),
            "coalesce(\"amount\" < CAST('0.00' AS DECIMAL(9,2)) OR \"amount\" >= "
            "CAST('100000.00' AS DECIMAL(9,2)), false)");
}

TEST(CountViolations, OfAKeyCountsRowsBeyondTheFirst) {
  const Contract contract = sound(kOrders);
  EXPECT_EQ(count_violations(contract.keys[1], "bronze.orders"),
            "SELECT CAST(coalesce((SELECT sum(more) FROM (SELECT count(*) - 1 AS more FROM "
            "\"bronze\".\"orders\" WHERE NOT (\"country\" IS NULL OR \"code\" IS NULL) GROUP BY "
            "\"country\", \"code\")), 0) AS BIGINT)");
  EXPECT_NE(count_violations(contract.keys[0], "bronze.orders")
                .find(" + (SELECT count(*) FROM \"bronze\".\"orders\" WHERE \"order_id\" IS NULL)"),
            std::string::npos);
}

TEST(RuleName, SaysRuleAndColumns) {
  const Contract contract = sound(kOrders);
  EXPECT_EQ(rule_name(contract.rules[0]), "required(order_id)");
  EXPECT_EQ(rule_name(contract.keys[1]), "unique(country, code)");
}

}  // namespace
}  // namespace sluice::contract
