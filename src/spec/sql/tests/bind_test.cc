#include "sluice/sql/bind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/sql/internal/binder.h"
#include "sluice/sql/tests/shop.h"

namespace sluice::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> columns(const std::string& tree) {
  std::vector<std::string> result;
  const BoundQuery query = shop::bound(tree);
  for (const OutputColumn& output : query.outputs()) {
    result.push_back(output.name + " " + output.type);
  }
  return result;
}

Unbound problem(const std::string& tree) {
  auto result = shop::bind_tree(tree);
  EXPECT_TRUE(std::holds_alternative<Unbound>(result)) << tree;
  return std::holds_alternative<Unbound>(result) ? std::get<Unbound>(result) : Unbound();
}

TEST(Bind, NamesAndTypesTheOutputs) {
  EXPECT_THAT(columns("joins"), ElementsAre("id BIGINT", "name VARCHAR", "twice "));
  EXPECT_THAT(columns("grouped"), ElementsAre("day DATE", "revenue HUGEINT", "n BIGINT"));
  EXPECT_THAT(columns("windows"), ElementsAre("id BIGINT", "s HUGEINT", "l INTEGER"));
  EXPECT_THAT(columns("ctes"), ElementsAre("y ", "top INTEGER"));
  EXPECT_THAT(columns("cases"),
              ElementsAre("c VARCHAR", "d DECIMAL(10, 2)", "e ", "f BOOLEAN", "g BOOLEAN"));
}

TEST(Bind, WritesStarsOut) {
  EXPECT_THAT(columns("stars"), ElementsAre("d DATE", "amount ", "amount INTEGER"));
}

TEST(Bind, MatchesSetOperationsByName) { EXPECT_THAT(columns("sets"), ElementsAre("id ", "day ")); }

TEST(Bind, KnowsTheColumnsOfPivots) {
  EXPECT_THAT(columns("pivot"), ElementsAre("day DATE", "1 HUGEINT", "two HUGEINT"));
  EXPECT_THAT(columns("unpivot"), ElementsAre("n VARCHAR", "v BIGINT"));
}

TEST(Bind, KnowsTableFunctionsAndLateralSubqueries) {
  EXPECT_THAT(columns("tables"), ElementsAre("i BIGINT", "item ", "a INTEGER", "y "));
}

TEST(Bind, ResolvesColumnsToTheirFieldIds) {
  const BoundQuery query = shop::bound("joins");
  const auto& select = std::get<Select>(query.statement.query->body);
  const auto& ref = std::get<ColumnRef>(select.bound_list[1].node);
  ASSERT_EQ(ref.reference.columns.size(), 1u);
  const ColumnId id = ref.reference.columns[0];
  const Relation& relation = query.relations[static_cast<std::size_t>(id.relation)];
  EXPECT_EQ(relation.table, "silver.customers");
  EXPECT_EQ(relation.columns[static_cast<std::size_t>(id.column)].field_id, 2);
}

TEST(Bind, NamesTheNearestOfWhatItDoesNotFind) {
  const Unbound column = problem("unknown_column");
  EXPECT_FALSE(column.is_unsupported);
  EXPECT_EQ(column.problem.offset, 7);
  EXPECT_THAT(column.problem.message, HasSubstr("o.amonut"));
  EXPECT_EQ(column.hint, "did you mean 'amount'?");
  const Unbound table = problem("unknown_table");
  EXPECT_THAT(table.problem.message, HasSubstr("silver.order"));
  EXPECT_EQ(table.hint, "did you mean 'silver.orders'?");
}

TEST(Bind, SaysWhereAnAmbiguousNameIs) {
  const Unbound ambiguous = problem("ambiguous");
  EXPECT_THAT(ambiguous.problem.message, HasSubstr("it is in orders and customers"));
  EXPECT_EQ(ambiguous.hint, "write orders.id or customers.id");
}

TEST(Bind, TakesTimeInProportionToAChainOfAliases) {
  EXPECT_EQ(shop::bound("alias_chain").outputs().size(), 61u);
}

TEST(CheckOutputs, TakesFromTheEngineWhatIsNotKnown) {
  BoundQuery query = shop::bound("joins");
  const EngineColumn described[] = {{"id", "BIGINT"}, {"name", "VARCHAR"}, {"twice", "INTEGER"}};
  EXPECT_EQ(check_outputs(query, described), std::nullopt);
  EXPECT_EQ(query.outputs()[2].type, "INTEGER");
}

TEST(CheckOutputs, KnowsBothNamesOfAType) {
  EXPECT_TRUE(
      internal::same_type("STRUCT(\"a\" TIMESTAMPTZ)", "STRUCT(a TIMESTAMP WITH TIME ZONE)"));
  EXPECT_FALSE(internal::same_type("TIMESTAMPTZ", "TIMESTAMP"));
}

TEST(CheckOutputs, SaysWhatDiffersFromTheEngine) {
  BoundQuery query = shop::bound("grouped");
  const EngineColumn other_type[] = {{"day", "DATE"}, {"revenue", "DOUBLE"}, {"n", "BIGINT"}};
  EXPECT_THAT(check_outputs(query, other_type).value_or(""), HasSubstr("'revenue'"));
  const EngineColumn other_name[] = {{"day", "DATE"}, {"sum", "HUGEINT"}, {"n", "BIGINT"}};
  EXPECT_THAT(check_outputs(query, other_name).value_or(""), HasSubstr("'sum'"));
  EXPECT_THAT(check_outputs(query, {}).value_or(""), HasSubstr("3 columns"));
}

TEST(ReadStatement, RefusesWhatIsNotKnownByName) {
  const auto recursive = read_statement(shop::tree("recursive"));
  ASSERT_FALSE(recursive.ok());
  EXPECT_EQ(recursive.error().kind, base::ErrorKind::kUnsupported);
  EXPECT_THAT(recursive.error().message, HasSubstr("WITH RECURSIVE"));
  EXPECT_EQ(read_statement("{}").error().kind, base::ErrorKind::kCorrupt);
  EXPECT_EQ(read_statement(R"({"error":false,"statements":[{"node":{"type":"SELECT_NODE",)"
                           R"("select_list":[{"class":"COMPARISON","type":"COMPARE_EQUAL"}]}}]})")
                .error()
                .kind,
            base::ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace sluice::sql
