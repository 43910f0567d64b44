#include "sluice/sql/portability.h"

#include <gtest/gtest.h>

#include "sluice/sql/tests/shop.h"

namespace sluice::sql {
namespace {

/// `offset construct: who does not understand it` of a statement in tests/trees.
std::vector<std::string> found(const std::string& tree, std::string_view sql = "") {
  const auto statement = read_statement(shop::tree(tree));
  EXPECT_TRUE(statement.ok()) << tree;
  std::vector<std::string> lines;
  for (const PortabilityFinding& finding : portability_of(*statement->query, sql)) {
    std::string line = finding.construct + ":";
    line += finding.rewritten ? " rewritten" : "";
    line += finding.spark ? "" : " Spark";
    line += finding.flink ? "" : " Flink";
    lines.push_back(line);
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Portability, SaysNothingOfWhatAllUnderstand) {
  EXPECT_EQ(found("joins"), Lines());
  EXPECT_EQ(found("ctes"), Lines());
  EXPECT_EQ(found("cases"), Lines({"to_days(): rewritten"}));  // INTERVAL, its place unknown
}

TEST(Portability, NamesWhatDuckDbAloneHas) {
  EXPECT_EQ(found("windows"),
            (Lines{"QUALIFY: Spark Flink", "EXCLUDE in a window's frame: Spark Flink"}));
  const Lines lists = found("lists");
  EXPECT_NE(std::find(lists.begin(), lists.end(), "a lambda: Spark Flink"), lists.end());
  EXPECT_NE(std::find(lists.begin(), lists.end(), "struct_pack(): Spark Flink"), lists.end());
  EXPECT_EQ(found("pivot"), (Lines{"PIVOT: Spark Flink"}));
}

TEST(Portability, KnowsFunctionsByTheirNamesElsewhere) {
  EXPECT_EQ(function_in("arg_max", OtherEngine::kSpark), "max_by");
  EXPECT_EQ(function_in("arg_max", OtherEngine::kFlink), "");
  EXPECT_EQ(function_in("day", OtherEngine::kFlink), "dayofmonth");
  EXPECT_EQ(function_in("sum", OtherEngine::kSpark), "sum");
  EXPECT_EQ(function_in("who_knows", OtherEngine::kSpark), std::nullopt);
}

TEST(Portability, KnowsTypesByTheirNamesElsewhere) {
  EXPECT_EQ(type_in("VARCHAR", OtherEngine::kSpark), "STRING");
  EXPECT_EQ(type_in("TIMESTAMP WITH TIME ZONE", OtherEngine::kFlink), "TIMESTAMP_LTZ(6)");
  EXPECT_EQ(type_in("STRUCT(a INTEGER, b VARCHAR[])", OtherEngine::kSpark),
            "STRUCT<`a`: INT, `b`: ARRAY<STRING>>");
  EXPECT_EQ(type_in("STRUCT(a INTEGER)", OtherEngine::kFlink), "ROW<`a` INT>");
  EXPECT_EQ(type_in("MAP(VARCHAR, DECIMAL(9,2))", OtherEngine::kFlink),
            "MAP<STRING, DECIMAL(9,2)>");
  EXPECT_EQ(type_in("TIME", OtherEngine::kSpark), std::nullopt);
  EXPECT_EQ(type_in("TIME", OtherEngine::kFlink), "TIME");
  for (const char* name : {"HUGEINT", "UUID", "JSON", "UTINYINT[]", "INTERVAL"}) {
    EXPECT_EQ(type_in(name, OtherEngine::kSpark), std::nullopt) << name;
  }
}

TEST(Portability, IsPrintedInTheOtherDialect) {
  const auto statement = read_statement(shop::tree("joins"));
  EXPECT_EQ(print(*statement->query, spark_dialect()),
            "SELECT o.id, c.name, (o.amount * 2) AS twice FROM silver.orders AS o INNER JOIN "
            "silver.customers AS c USING (id) LEFT JOIN bronze.days AS d ON (d.day = o.day) WHERE "
            "(o.amount > 1) ORDER BY o.day LIMIT 5");
  EXPECT_EQ(flink_dialect().identifier("Order"), "`Order`");
  EXPECT_EQ(spark_dialect().literal("it's"), "'it\\'s'");
  EXPECT_EQ(flink_dialect().literal("it's"), "'it''s'");
  EXPECT_EQ(spark_dialect().function("~~"), "LIKE");
}

}  // namespace
}  // namespace sluice::sql
