#include "sluice/sql/print.h"

#include <gtest/gtest.h>

#include "sluice/sql/tests/shop.h"

namespace sluice::sql {
namespace {

std::string printed(const std::string& tree) {
  const auto statement = read_statement(shop::tree(tree));
  EXPECT_TRUE(statement.ok()) << tree;
  return print(*statement->query);
}

TEST(Print, WritesJoins) {
  EXPECT_EQ(printed("joins"),
            "SELECT o.id, c.name, (o.amount * 2) AS twice FROM silver.orders AS o INNER JOIN "
            "silver.customers AS c USING (id) LEFT JOIN bronze.days AS d ON (d.day = "
            "o.day) WHERE (o.amount > 1) ORDER BY o.day LIMIT 5");
}

TEST(Print, WritesWindowsInFull) {
  EXPECT_EQ(printed("windows"),
            "SELECT id, sum(amount) OVER (PARTITION BY day ORDER BY id ROWS BETWEEN 2 "
            "PRECEDING AND CURRENT ROW EXCLUDE TIES) AS s, lag(amount, 1, 0) OVER (PARTITION BY "
            "day ORDER BY id) AS l FROM silver.orders QUALIFY (row_number() OVER (ORDER BY "
            "id) = 1)");
}

TEST(Print, WritesCommonTablesAndSubqueries) {
  EXPECT_EQ(printed("ctes"),
            "WITH a (x) AS (SELECT amount FROM silver.orders), b AS (SELECT (x + 1) AS y FROM a) "
            "SELECT y, (SELECT max(x) FROM a) AS top FROM b WHERE EXISTS(SELECT 1 FROM "
            "silver.customers AS c WHERE (c.id = b.y))");
}

TEST(Print, WritesLambdasListsAndStructs) {
  EXPECT_NE(printed("lists").find("list_transform(main.list_value(amount, 1), (LAMBDA x: (x + "
                                  "id))) AS l"),
            std::string::npos);
  EXPECT_NE(printed("lists").find("main.struct_pack(a := id) AS s"), std::string::npos);
}

TEST(Print, WritesPivots) {
  EXPECT_EQ(printed("pivot"),
            "SELECT * FROM silver.orders PIVOT (sum(amount) FOR id IN (1, 2 AS two) GROUP BY "
            "day)");
}

std::string upper(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return result;
}

TEST(Print, SpellsNamesAsTheDialectDoes) {
  const Dialect loud{&upper, duckdb_dialect().literal, &upper, &upper};
  const auto statement = read_statement(shop::tree("unknown_column"));
  ASSERT_TRUE(statement.ok());
  EXPECT_EQ(print(*statement->query, loud), "SELECT O.AMONUT FROM SILVER.ORDERS AS O");
}

}  // namespace
}  // namespace sluice::sql
