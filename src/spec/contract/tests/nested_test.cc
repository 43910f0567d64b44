#include <gtest/gtest.h>

#include "sluice/contract/compile.h"
#include "sluice/contract/diff.h"
#include "sluice/contract/path.h"
#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

constexpr const char* kAddress = R"(      - name: address
        logicalType: object
        required: true
        logicalTypeOptions: {required: [zip], minProperties: 1}
        properties:
          - {name: city, logicalType: string, required: true, description: Where.}
          - {name: zip, logicalType: string, logicalTypeOptions: {pattern: "^[0-9]+$"}}
)";
constexpr const char* kItems = R"yaml(      - name: items
        logicalType: array
        logicalTypeOptions: {minItems: 1, maxItems: 3, uniqueItems: true}
        items:
          logicalType: object
          properties:
            - {name: sku, logicalType: string, enum: [{value: a}], classification: internal}
            - {name: price, logicalType: number, physicalType: "decimal(9,2)"}
)yaml";
constexpr const char* kLabels = R"(      - name: labels
        logicalType: map
        map:
          key: {logicalType: integer}
          value: {logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}}
)";

std::vector<std::string> names_of(const Contract& contract) {
  std::vector<std::string> names;
  for (const RowRule& rule : contract.rules) {
    names.push_back(rule_name(rule) + ": " + rule.message);
  }
  return names;
}

TEST(NestedProperties, BecomeTypesAndRulesWithTheirPlaces) {
  const Contract contract = sound(contract_of(std::string(kAddress) + kItems + kLabels));
  EXPECT_EQ(data::to_text(contract.schema.fields[0].type), "struct<city: string, zip: string>");
  EXPECT_EQ(data::to_text(contract.schema.fields[1].type),
            "list<struct<sku: string, price: decimal(9, 2)>>");
  EXPECT_EQ(data::to_text(contract.schema.fields[2].type), "map<long, date>");
  EXPECT_TRUE(contract.schema.fields[0].required);
  EXPECT_EQ(contract.schema.fields[0].type.fields[0].doc, "Where.");
  EXPECT_EQ(names_of(contract),
            (std::vector<std::string>{
                "required(address.zip): present", "required(address): present",
                "required(address.city): present", "pattern(address.zip): a match of ^[0-9]+$",
                "length(address): at least 1 properties that are present",
                "domain(items[].sku): one of a", "type(items[].price): a decimal(9, 2)",
                "length(items): 1 to 3 items", "length(items): free of duplicates",
                "type(labels[key]): a long", "type(labels[value]): a date written dd.MM.yyyy"}));
  ASSERT_EQ(contract.forms.size(), 1U);
  EXPECT_EQ(to_text(contract.forms[0].column, contract.forms[0].path), "labels[value]");
  ASSERT_EQ(contract.nested_notes.size(), 1U);
  EXPECT_EQ(contract.nested_notes[0].name, "items[].sku");
}

TEST(NestedProperties, AreReadFromAPhysicalTypeAlone) {
  const Contract contract = sound(
      contract_of("      - {name: a, physicalType: 'ARRAY<INT>', items: {physicalType: int}}\n"));
  EXPECT_EQ(data::to_text(contract.schema.fields[0].type), "list<int>");
}

TEST(NestedProperties, RefuseWhatCannotBeExecutedThere) {
  const auto said_of = [](const std::string& property) { return complaint(contract_of(property)); };
  const auto expect = [](const std::string& said, const std::string& words) {
    EXPECT_NE(said.find(words), std::string::npos) << words << "\n" << said;
  };
  expect(said_of("      - {name: a, logicalType: array, primaryKey: true, items: {logicalType: "
                 "string}}\n"),
         "'primaryKey' of column 'a', a list<string>, cannot be executed");
  expect(said_of("      - {name: a, logicalType: object, properties: [{name: b, logicalType: "
                 "string, unique: true}]}\n"),
         "'unique' of 'a.b' cannot be executed: it is inside of a column");
  expect(said_of("      - {name: a, logicalType: object, properties: [{name: b, logicalType: "
                 "string}, {name: B, logicalType: string}]}\n"),
         "property 'a.B' is declared twice: here and at c.odcs.yaml:8:");
  expect(said_of("      - {name: a, logicalType: object}\n"),
         "a property of type object lacks 'properties'");
  expect(said_of("      - {name: a, logicalType: array, physicalType: int, items: {logicalType: "
                 "string}}\n"),
         "physicalType 'int' does not store logicalType 'array'");
  expect(said_of("      - {name: a, logicalType: array, items: {logicalType: string, quality: "
                 "[{metric: nullValues, mustBeLessThan: 5}]}}\n"),
         "a rule over all rows cannot be executed on 'a[]'");
  expect(said_of("      - {name: a, logicalType: object, logicalTypeOptions: {required: [citi]}, "
                 "properties: [{name: city, logicalType: string}]}\n"),
         "'a' has no property 'citi'");
  expect(said_of("      - {name: a, logicalType: map, map: {key: {logicalType: array, items: "
                 "{logicalType: string}}, value: {logicalType: string}}}\n"),
         "the keys of 'a' must be scalars");
}

TEST(NestedProperties, AreComparedPlaceByPlace) {
  const Contract from = sound(contract_of(std::string(kAddress) + kItems));
  std::string text = contract_of(std::string(kAddress) + kItems);
  text.replace(text.find("[{value: a}]"), 12, "[{value: b}]");
  text.replace(text.find("maxItems: 3"), 11, "maxItems: 2");
  std::vector<std::string> said;
  for (const Change& change : compare(from, sound(text))) {
    said.push_back(change.what);
  }
  EXPECT_EQ(said, (std::vector<std::string>{
                      "column items: its length '1 to 3 items' is now '1 to 2 items'",
                      "column items[].sku: its domain 'one of a' is now 'one of b'"}));
}

TEST(NestedVerdict, ReadsTheTextOfAColumnOnce) {
  const Contract contract =
      sound(contract_of("      - {name: a, logicalType: array, items: {logicalType: integer}}\n"));
  EXPECT_EQ(column_cast(contract, contract.schema.fields[0]),
            "list_transform([from_json(\"a\", '[\"VARCHAR\"]')], lambda x0: list_transform(x0, "
            "lambda x1: " +
                cast_expression("x1", {data::TypeKind::kLong}) + "))[1]");
  const std::string verdict = verdict_expression(contract);
  EXPECT_EQ(verdict.find("from_json"), verdict.rfind("from_json"));
}

}  // namespace
}  // namespace sluice::contract
