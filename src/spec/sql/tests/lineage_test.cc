#include "sluice/sql/lineage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/base/text.h"
#include "sluice/sql/tests/shop.h"

namespace sluice::sql {
namespace {

using testing::ElementsAre;

/// What a column follows from: `silver.orders.amount computed+filter`.
std::vector<std::string> uses(const std::string& tree, const std::string& column) {
  std::vector<std::string> result;
  for (const ColumnLineage& lineage : column_lineage(shop::bound(tree))) {
    if (lineage.column == column) {
      for (const auto& [base, flags] : lineage.uses) {
        result.push_back(base.table + "." + base.column + " " + base::join(to_texts(flags), "+"));
      }
      return result;
    }
  }
  return {"no such column"};
}

TEST(Lineage, TellsValuesFromWhatJoinsFiltersAndOrders) {
  EXPECT_THAT(uses("joins", "twice"),
              ElementsAre("bronze.days.day join", "silver.customers.id join",
                          "silver.orders.amount computed+filter", "silver.orders.day join+order",
                          "silver.orders.id join"));
  EXPECT_THAT(uses("joins", "name"),
              ElementsAre("bronze.days.day join", "silver.customers.id join",
                          "silver.customers.name copied", "silver.orders.amount filter",
                          "silver.orders.day join+order", "silver.orders.id join"));
}

TEST(Lineage, KnowsAggregatesAndTheirGroups) {
  EXPECT_THAT(uses("grouped", "revenue"),
              ElementsAre("silver.orders.amount aggregated", "silver.orders.day group",
                          "silver.orders.id filter"));
  EXPECT_THAT(uses("grouped", "n"), ElementsAre("silver.orders.day group"));
}

TEST(Lineage, GoesThroughWindows) {
  EXPECT_THAT(uses("windows", "s"),
              ElementsAre("silver.orders.amount aggregated", "silver.orders.day group",
                          "silver.orders.id order"));
}

TEST(Lineage, GoesThroughCommonTablesAndSubqueries) {
  EXPECT_THAT(uses("ctes", "y"),
              ElementsAre("silver.customers.id filter", "silver.orders.amount computed+filter"));
  EXPECT_THAT(uses("ctes", "top"),
              ElementsAre("silver.customers.id filter", "silver.orders.amount aggregated+filter"));
}

TEST(Lineage, TakesBothSidesOfAMergedColumn) {
  EXPECT_THAT(uses("full_join", "id"),
              ElementsAre("silver.customers.id computed+join", "silver.orders.id computed+join"));
}

TEST(Lineage, TakesAllBranchesOfAUnion) {
  EXPECT_THAT(uses("sets", "id"),
              ElementsAre("bronze.days.day group", "silver.customers.id copied+group+order",
                          "silver.customers.name group", "silver.orders.day group",
                          "silver.orders.id copied+group+order"));
}

TEST(Lineage, KnowsWhatAPivotTurns) {
  EXPECT_THAT(uses("pivot", "two"),
              ElementsAre("silver.orders.amount aggregated", "silver.orders.day group",
                          "silver.orders.id filter"));
  EXPECT_THAT(uses("unpivot", "v"), ElementsAre("silver.orders.amount computed+filter",
                                                "silver.orders.id copied+filter"));
}

TEST(Lineage, TakesTimeInProportionToAChainOfAliases) {
  EXPECT_THAT(uses("alias_chain", "a60"), ElementsAre("silver.orders.amount computed"));
}

}  // namespace
}  // namespace sluice::sql
