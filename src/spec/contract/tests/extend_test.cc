#include "sluice/contract/extend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/contract/compile.h"
#include "sluice/contract/read.h"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

data::Type type(std::string_view text) { return *data::parse_type(text); }

std::string grown(std::string_view from, std::string_view seen) {
  return data::to_text(grown_type(type(from), type(seen)));
}

TEST(GrownType, IsWiderWhereATablesColumnMayBe) {
  EXPECT_EQ(grown("int", "long"), "long");
  EXPECT_EQ(grown("float", "double"), "double");
  EXPECT_EQ(grown("decimal(18, 2)", "decimal(38, 2)"), "decimal(38, 2)");
  EXPECT_EQ(grown("decimal(18, 4)", "decimal(38, 2)"), "decimal(38, 4)");
  EXPECT_EQ(grown("decimal(18, 2)", "long"), "decimal(21, 2)");
  EXPECT_EQ(grown("list<int>", "list<long>"), "list<long>");
  EXPECT_EQ(grown("struct<a: int, b: date>", "struct<c: string, a: long>"),
            "struct<a: long, b: date, c: string>");
}

TEST(GrownType, StaysWhereItHoldsTheValuesOrMayNotGrow) {
  EXPECT_EQ(grown("long", "int"), "long");
  EXPECT_EQ(grown("double", "float"), "double");
  EXPECT_EQ(grown("decimal(38, 2)", "decimal(18, 2)"), "decimal(38, 2)");
  EXPECT_EQ(grown("decimal(18, 2)", "int"), "decimal(18, 2)");
  EXPECT_EQ(grown("int", "decimal(18, 2)"), "int");
  EXPECT_EQ(grown("int", "string"), "int");
  EXPECT_EQ(grown("date", "timestamp"), "date");
  EXPECT_EQ(grown("string", "long"), "string");
  EXPECT_EQ(grown("struct<a: int>", "struct<A: int>"), "struct<a: int>");
}

TEST(GrownType, IsOneThatTheTableMayBecome) {
  for (const char* from : {"int", "float", "decimal(9, 2)", "struct<a: int>", "list<int>"}) {
    for (const char* seen : {"long", "double", "decimal(38, 0)", "struct<b: int>", "list<long>"}) {
      EXPECT_TRUE(data::can_widen(type(from), grown_type(type(from), type(seen))))
          << from << " " << seen;
    }
  }
}

TEST(AddColumn, AsksOnlyForTheType) {
  Contract contract = inferred_contract("orders", "sources/orders.yaml");
  add_column(contract, "n", type("int"));
  add_column(contract, "s", type("string"));
  EXPECT_THAT(contract.inferred, ElementsAre("n", "s"));
  EXPECT_THAT(verdict_expression(contract), HasSubstr("type|n|"));
  EXPECT_THAT(verdict_expression(contract), Not(HasSubstr("type|s|")));
  change_type(contract, "n", type("long"));
  EXPECT_THAT(contract.rules, testing::SizeIs(1));
  EXPECT_THAT(contract.rules[0].message, "a long");
  forget_inferred(contract);
  EXPECT_THAT(contract.schema.fields, IsEmpty());
  EXPECT_THAT(contract.rules, IsEmpty());
}

TEST(AddColumn, TakesNestedTypesWithTheirRules) {
  Contract contract = inferred_contract("orders", "sources/orders.yaml");
  const data::Type who = type("struct<name: string, tags: list<long>>");
  ASSERT_TRUE(add_column(contract, "who", who));
  EXPECT_TRUE(data::same_shape(contract.schema.fields[0].type, who));
  EXPECT_THAT(contract.rules, Not(IsEmpty()));
  EXPECT_TRUE(add_column(contract, "by_day", type("map<string, int>")));
  EXPECT_FALSE(add_column(contract, "f", type("fixed[4]")));
  EXPECT_THAT(contract.inferred, ElementsAre("who", "by_day"));
}

TEST(ForgiveTypes, LeavesRequiredColumnsAndKeysAsTheyAre) {
  yaml::Diagnostics diagnostics;
  auto contract = read_contract({"x", R"(apiVersion: v3.2.0
kind: DataContract
id: t
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - { name: id, logicalType: integer, primaryKey: true }
      - { name: must, logicalType: integer, required: true }
      - { name: may, logicalType: integer, logicalTypeOptions: { minimum: 1 } }
      - { name: day, logicalType: date }
)"},
                                diagnostics);
  ASSERT_TRUE(contract.has_value()) << diagnostics.to_text();
  const std::vector<std::string> keys = {"day"};
  forgive_types(*contract, keys);
  const std::string verdict = verdict_expression(*contract);
  for (const char* stays : {"type|id|", "type|must|", "range|may|", "type|day|"}) {
    EXPECT_THAT(verdict, HasSubstr(stays));
  }
  EXPECT_THAT(verdict, Not(HasSubstr("type|may|")));
}

TEST(AddColumn, IsNotAskedForNamesThatClash) {
  Contract contract = inferred_contract("orders", "sources/orders.yaml");
  add_column(contract, "City", type("string"));
  EXPECT_THAT(column_problem(contract, "city"), HasSubstr("nothing but case"));
  for (const char* name : {"", "a|b", "a\nb", "_sluice_x"}) {
    EXPECT_THAT(column_problem(contract, name), Not(IsEmpty())) << name;
  }
  EXPECT_THAT(column_problem(contract, "ville"), IsEmpty());
}

TEST(ColumnsAsContract, IsReadBackAsTheSameColumns) {
  Contract contract = inferred_contract("orders", "sources/orders.yaml");
  add_column(contract, "n", type("decimal(18, 2)"));
  add_column(contract, "a b", type("timestamptz"));
  yaml::Diagnostics diagnostics;
  const auto read = read_contract({"x", columns_as_contract(contract)}, diagnostics);
  ASSERT_TRUE(read.has_value()) << diagnostics.to_text();
  EXPECT_EQ(read->schema.fields, contract.schema.fields);
}

}  // namespace
}  // namespace sluice::contract
