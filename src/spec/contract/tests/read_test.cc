#include "sluice/contract/read.h"

#include <gtest/gtest.h>

#include "sluice/contract/compile.h"
#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

std::string rules_of(const Contract& contract) {
  std::string text;
  for (const RowRule& rule : contract.rules) {
    text +=
        rule_name(rule) + " " + std::string(to_text(rule.severity)) + ": " + rule.message + "\n";
  }
  return text;
}

TEST(ReadContract, YieldsHeadColumnsAndTypes) {
  const Contract contract = sound(kOrders);
  EXPECT_EQ(contract.id, "53581432-orders");
  EXPECT_EQ(contract.version, "1.2.0");
  EXPECT_EQ(contract.status, "active");
  EXPECT_EQ(contract.table, "bronze.orders");
  EXPECT_EQ(contract.description, "Orders as the shop takes them.");
  ASSERT_EQ(contract.schema.fields.size(), 5U);
  EXPECT_EQ(data::to_text(contract.column("order_id")->type), "long");
  EXPECT_EQ(data::to_text(contract.column("amount")->type), "decimal(9, 2)");
  EXPECT_EQ(data::to_text(contract.column("ts")->type), "timestamptz");
  EXPECT_TRUE(contract.column("order_id")->required);
  EXPECT_TRUE(contract.column("country")->required);
  EXPECT_FALSE(contract.column("code")->required) << "a warning does not make a column required";
  EXPECT_EQ(contract.column("order_id")->doc, "Counts up.");
}

TEST(ReadContract, YieldsRulesByColumnInTheOrderOfJudgement) {
  EXPECT_EQ(rules_of(sound(kOrders)),
            "required(order_id) error: present\n"
            "type(order_id) error: a long\n"
            "required(country) error: present\n"
            "domain(country) error: one of DE, FR\n"
            "type(amount) error: a decimal(9, 2)\n"
            "range(amount) error: at least 0.00 and below 100000.00\n"
            "required(code) warning: present\n"
            "length(code) error: 2 to 8 characters long\n"
            "pattern(code) error: a match of ^[A-Z]+$\n"
            "type(ts) error: a timestamptz\n"
            "range(ts) error: at least " +
                sound(kOrders).rules.back().minimum->value + "\n");
}

TEST(ReadContract, YieldsThePrimaryKeyFirstAndThenUniqueKeys) {
  const Contract contract = sound(kOrders);
  ASSERT_EQ(contract.keys.size(), 2U);
  EXPECT_EQ(contract.keys[0].name, "primary_key");
  EXPECT_TRUE(contract.keys[0].primary);
  EXPECT_EQ(contract.keys[1].columns, (std::vector<std::string>{"country", "code"}));
}

TEST(ReadContract, OrdersACompositeKeyByPosition) {
  const Contract contract = sound(contract_of(
      "      - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 2}\n"
      "      - {name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"));
  EXPECT_EQ(contract.keys[0].columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(
      complaint(
          contract_of(
              "      - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"
              "      - {name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"))
          .find("have the same primaryKeyPosition"),
      std::string::npos);
  EXPECT_NE(
      complaint(contract_of("      - {name: b, logicalType: string, primaryKeyPosition: 1}\n"))
          .find("primaryKeyPosition without primaryKey"),
      std::string::npos);
}

TEST(ReadContract, DropsAUniqueRuleThatRepeatsThePrimaryKey) {
  const Contract contract =
      sound(contract_of("      - {name: a, logicalType: string, primaryKey: true, unique: true}\n"
                        "      - {name: b, logicalType: string, unique: true}\n"));
  ASSERT_EQ(contract.keys.size(), 2U);
  EXPECT_EQ(contract.keys[1].columns, (std::vector<std::string>{"b"}));
}

/// A contract that all versions of the standard take, but for what one of them adds.
std::string of_version(const std::string& version, const std::string& properties) {
  std::string text = contract_of(properties);
  text.replace(text.find("kind:"), 0, "status: active\n");  // 3.0 asks for it
  return text.replace(text.find("v3."), 6, version);
}

TEST(ReadContract, AcceptsTheVersionsThatItKnows) {
  for (const char* version : {"v3.2.0", "v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0"}) {
    EXPECT_EQ(complaint(of_version(version, "      - {name: a, logicalType: string}\n")), "")
        << version;
  }
  const std::string said =
      complaint(of_version("v2.2.2", "      - {name: a, logicalType: string}\n"));
  EXPECT_NE(said.find("c.odcs.yaml:1:13: apiVersion 'v2.2.2' is not built yet"), std::string::npos);
  EXPECT_NE(complaint(of_version("v9.9.9", "      - {name: a, logicalType: string}\n")), "");
}

TEST(ReadContract, HoldsEachVersionToItsOwnSchema) {
  const std::string with_enum = "      - {name: a, logicalType: string, enum: [{value: x}]}\n";
  EXPECT_EQ(complaint(of_version("v3.2.0", with_enum)), "");
  EXPECT_NE(complaint(of_version("v3.1.0", with_enum)).find("unknown key 'enum'"),
            std::string::npos);
  const std::string named =
      "      - {name: a, logicalType: string, quality: [{%: duplicateCount, "
      "type: library, mustBe: 0}]}\n";
  std::string old = named;
  old.replace(old.find('%'), 1, "rule");
  EXPECT_EQ(rule_name(sound(of_version("v3.0.2", old)).keys.at(0)), "unique(a)");
  EXPECT_NE(complaint(of_version("v3.2.0", old)), "");
}

TEST(ReadContract, TakesTheBooleanBoundsOfTheFirstVersion) {
  const Contract contract =
      sound(of_version("v3.0.2",
                       "      - name: a\n        logicalType: integer\n        "
                       "logicalTypeOptions: {minimum: 1, exclusiveMinimum: true, maximum: 9}\n"));
  EXPECT_TRUE(contract.rules.at(1).minimum->exclusive);
  EXPECT_FALSE(contract.rules.at(1).maximum->exclusive);
}

TEST(ReadContract, NamesWhatIsMissing) {
  const std::string said = complaint("name: x\n");
  for (const char* key : {"apiVersion", "kind", "id", "version", "schema"}) {
    EXPECT_NE(said.find("a contract lacks '" + std::string(key) + "'"), std::string::npos) << said;
  }
  EXPECT_NE(complaint(""), "");
  EXPECT_NE(complaint("- a\n"), "");
  EXPECT_NE(complaint(contract_of("      []\n")).find("at least one property"), std::string::npos);
}

TEST(ReadContract, RefusesOptionsThatTheTypeDoesNotHave) {
  const std::string said =
      complaint(contract_of("      - name: a\n        logicalType: integer\n"
                            "        logicalTypeOptions: {pattern: x, multipleOf: 5}\n"));
  EXPECT_NE(said.find("unknown key 'pattern' in schema[0].properties[0].logicalTypeOptions"),
            std::string::npos)
      << said;
}

TEST(ReadContract, ChecksBoundsAndValuesAgainstTheType) {
  const std::string said =
      complaint(contract_of("      - name: a\n        logicalType: integer\n"
                            "        logicalTypeOptions: {minimum: 0.5, maximum: ten}\n"
                            "        enum: [{value: one}]\n"));
  EXPECT_NE(said.find("minimum '0.5' is no long, which column 'a' is"), std::string::npos) << said;
  EXPECT_NE(said.find("maximum 'ten' is no long"), std::string::npos);
  EXPECT_NE(said.find("the allowed value 'one' is no long"), std::string::npos);
}

TEST(ReadContract, RefusesBothKindsOfOneBound) {
  EXPECT_NE(
      complaint(contract_of("      - name: a\n        logicalType: integer\n"
                            "        logicalTypeOptions: {minimum: 1, exclusiveMinimum: 0}\n"))
          .find("are both declared"),
      std::string::npos);
}

TEST(ReadContract, RefusesFormatsThatItWouldNotEnforce) {
  const auto said_of = [](const std::string& type, const std::string& format) {
    return complaint(contract_of("      - name: a\n        logicalType: " + type +
                                 "\n        logicalTypeOptions: {format: " + format + "}\n"));
  };
  EXPECT_NE(said_of("string", "dd.MM.yyyy").find("format 'dd.MM.yyyy' cannot be executed yet"),
            std::string::npos);
  EXPECT_NE(said_of("date", "dd.MMM.yyyy").find("format 'dd.MMM.yyyy' of a date: 'MMM' cannot"),
            std::string::npos);
  EXPECT_EQ(said_of("date", "dd.MM.yyyy"), "");
  EXPECT_EQ(complaint(contract_of("      - name: a\n        logicalType: date\n"
                                  "        logicalTypeOptions: {format: yyyy-MM-dd}\n")),
            "");
}

TEST(ReadContract, RefusesColumnsThatCannotBe) {
  const std::string said =
      complaint(contract_of("      - {name: a, logicalType: string}\n"
                            "      - {name: A, logicalType: string}\n"
                            "      - {name: 'x|y', logicalType: string}\n"
                            "      - {name: _sluice_line, logicalType: string}\n"
                            "      - {name: n}\n"));
  EXPECT_NE(said.find("column 'A' is declared twice"), std::string::npos) << said;
  EXPECT_NE(said.find("'a' differs only in case"), std::string::npos);
  EXPECT_NE(said.find("'x|y' cannot name a column"), std::string::npos);
  EXPECT_NE(said.find("are reserved"), std::string::npos);
  EXPECT_NE(said.find("neither logicalType nor physicalType"), std::string::npos);
}

TEST(ReadContract, CallsAColumnByItsPhysicalName) {
  const Contract contract =
      sound(contract_of("      - {name: Order Number, physicalName: order_no, logicalType: string, "
                        "required: true}\n"));
  EXPECT_EQ(contract.schema.fields[0].name, "order_no");
  EXPECT_EQ(contract.rules[0].column, "order_no");
}

TEST(ReadContract, CoversOneTable) {
  EXPECT_NE(complaint("apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\n"
                      "schema: [{name: a}, {name: b}]\n")
                .find("a contract over 2 tables is not built yet"),
            std::string::npos);
}

TEST(ReadContract, ReportsEverythingAtOnce) {
  std::string text = kOrders;
  text.replace(text.find("enum:"), 5, "enom:");
  text.replace(text.find("bigint"), 6, "biigint");
  text.replace(text.find("status"), 6, "statos");
  yaml::Diagnostics diagnostics;
  EXPECT_FALSE(read_contract({"c", text}, diagnostics).has_value());
  EXPECT_EQ(diagnostics.size(), 3U) << diagnostics.to_text();
}

TEST(PatternsOf, ListsEachPatternWithItsPlace) {
  const std::vector<PatternUse> patterns = patterns_of(sound(kOrders));
  ASSERT_EQ(patterns.size(), 1U);
  EXPECT_EQ(patterns[0].pattern, "^[A-Z]+$");
  EXPECT_EQ(patterns[0].column, "code");
  EXPECT_EQ(patterns[0].mark.line, 51);
}

}  // namespace
}  // namespace sluice::contract
