#include "sluice/contract/internal/contradictions.h"

#include <gtest/gtest.h>

#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

/// What is said of a column `a` with these keys, each on a line of its own from line 9.
std::string said_of(const std::string& type, const std::vector<std::string>& keys) {
  std::string text = "      - name: a\n        logicalType: " + type + "\n";
  for (const std::string& key : keys) {
    text += "        " + key + "\n";
  }
  return complaint(contract_of(text));
}

void expect_said(const std::string& said, const std::string& words) {
  EXPECT_NE(said.find(words), std::string::npos) << words << "\n" << said;
}

TEST(Contradictions, NameBothPlaces) {
  expect_said(said_of("integer", {"logicalTypeOptions:", "  minimum: 10", "  maximum: 5"}),
              "c.odcs.yaml:12:20: no value of column 'a' is at least 10 (c.odcs.yaml:11:20) and at "
              "most 5 (c.odcs.yaml:12:20)");
  expect_said(said_of("string", {"logicalTypeOptions: {minLength: 4}", "physicalType: varchar(3)"}),
              "at least 4 characters (c.odcs.yaml:10:29) and at most 3 (c.odcs.yaml:11:9)");
  expect_said(said_of("integer",
                      {"enum: [{value: 3}, {value: 12}]", "logicalTypeOptions:", "  maximum: 10"}),
              "column 'a' may be '12' (c.odcs.yaml:10:15), which its range refuses "
              "(c.odcs.yaml:12:11)");
  expect_said(said_of("string", {"logicalTypeOptions:", "  minLength: 4", "  maxLength: 3"}),
              "c.odcs.yaml:12:22: no value of column 'a' has at least 4 characters "
              "(c.odcs.yaml:11:22) and at most 3 (c.odcs.yaml:12:22)");
  expect_said(said_of("string", {"enum: [{value: x}]", "logicalTypeOptions: {pattern: '^y'}"}),
              "may be 'x' (c.odcs.yaml:10:15), which its pattern refuses (c.odcs.yaml:11:39)");
  expect_said(said_of("string", {"required: true", "enum: [{value: null}]"}),
              "column 'a' must be present (c.odcs.yaml:10:9), but no value is allowed "
              "(c.odcs.yaml:11:15)");
  expect_said(said_of("string", {"required: false", "primaryKey: true"}),
              "'a' is part of the primary key (c.odcs.yaml:11:9), so it cannot be optional");
  expect_said(said_of("string", {"required: true",
                                 "quality:", "  - {metric: nullValues, mustBeGreaterThan: 0}"}),
              "but nullValues(a) > 0 asks for nulls (c.odcs.yaml:12:13)");
  expect_said(said_of("string", {"quality:", "  - {metric: nullValues, mustBeGreaterThan: 5}",
                                 "  - {metric: nullValues, mustBeLessThan: 4}"}),
              "nullValues(a) > 5 (c.odcs.yaml:11:34) and nullValues(a) < 4 (c.odcs.yaml:12:34) "
              "cannot both hold");
}

TEST(Contradictions, AreFoundInsideOfColumns) {
  const std::string items = "      - name: a\n        logicalType: array\n";
  expect_said(
      complaint(contract_of(items + "        logicalTypeOptions: {minItems: 3, maxItems: 2}\n"
                                    "        items: {logicalType: string}\n")),
      "no value of column 'a' has at least 3 items");
  expect_said(
      complaint(contract_of(items + "        logicalTypeOptions: {minItems: 3, uniqueItems: true}\n"
                                    "        items: {logicalType: boolean, required: true, "
                                    "enum: [{value: true}, {value: false}]}\n")),
      "'a' has at least 3 items (c.odcs.yaml:10:29), all different (c.odcs.yaml:10:43), "
      "but only 2 values are allowed");
  expect_said(
      complaint(contract_of(items + "        items:\n          logicalType: integer\n"
                                    "          logicalTypeOptions: {minimum: 2, maximum: 1}\n")),
      "no value of column 'a[]' is at least 2");
}

TEST(Contradictions, KnowThatARangeMayLieBetweenTwoMultiples) {
  expect_said(said_of("integer", {"logicalTypeOptions: {minimum: 6, maximum: 9, multipleOf: 5}"}),
              "no value of column 'a' is at least 6 and at most 9 (c.odcs.yaml:10:29) and a "
              "multiple of 5 (c.odcs.yaml:10:66)");
  EXPECT_EQ(said_of("integer", {"logicalTypeOptions: {minimum: 6, maximum: 10, multipleOf: 5}"}),
            "");
  EXPECT_EQ(
      said_of("number", {"logicalTypeOptions: {minimum: 0.3, maximum: 0.3, multipleOf: 0.1}"}), "");
}

TEST(Contradictions, TwoRulesDoNotShareAName) {
  expect_said(said_of("string", {"quality:", "  - {name: n, metric: nullValues, mustBeLessThan: 5}",
                                 "  - {name: n, metric: nullValues, mustBeLessThan: 4}"}),
              "c.odcs.yaml:12:20: rule 'n' is declared twice: here and at c.odcs.yaml:11:20");
}

TEST(Contradictions, PositionsOfAKeyHaveNoGaps) {
  const auto said = [](const std::string& first, const std::string& second) {
    return complaint(contract_of("      - {name: a, logicalType: string, primaryKey: true" + first +
                                 "}\n      - {name: b, logicalType: string, primaryKey: true" +
                                 second + "}\n"));
  };
  const std::string at = ", primaryKeyPosition: ";
  EXPECT_EQ(said(at + "2", at + "1"), "");
  EXPECT_EQ(said("", ""), "");
  expect_said(said(at + "1", at + "3"),
              "c.odcs.yaml:9:58: primaryKeyPosition 3 follows on 1 (c.odcs.yaml:8:58)");
  expect_said(said(at + "1", ""), "'b' of the same key has none (c.odcs.yaml:9:40)");
  expect_said(said(at + "0", at + "1"), "primaryKeyPosition 0 is the first of the key");
  expect_said(said(at + "1", at + "1"), "have the same primaryKeyPosition");
}

TEST(Contradictions, SeeTheGapsBetweenWholeNumbers) {
  const std::vector<std::string> keys = {
      "logicalTypeOptions: {exclusiveMinimum: 1, exclusiveMaximum: 2}"};
  expect_said(said_of("integer", keys), "no value of column 'a' is above 1");
  EXPECT_EQ(said_of("number", keys), "");
  expect_said(said_of("integer", {"logicalTypeOptions: {minimum: 300}", "physicalType: tinyint"}),
              "at least 300 (c.odcs.yaml:10:39) and at most 127 (c.odcs.yaml:11:9)");
}

TEST(Contradictions, AreNotSeenWhereRulesOnlyOverlap) {
  EXPECT_EQ(said_of("integer", {"logicalTypeOptions: {minimum: 5, maximum: 5}"}), "");
  EXPECT_EQ(said_of("string", {"enum: [{value: x}]", "logicalTypeOptions: {pattern: '^x(?i)'}"}),
            "");
  EXPECT_EQ(said_of("string", {"quality:", "  - {metric: nullValues, mustBeGreaterThan: 3}",
                               "  - {metric: nullValues, mustBeLessThan: 5}"}),
            "");
  expect_said(said_of("string", {"quality:", "  - {metric: nullValues, mustBeGreaterThan: 3}",
                                 "  - {metric: nullValues, mustBeLessThan: 4}"}),
              "cannot both hold");  // no whole number lies between
}

}  // namespace
}  // namespace sluice::contract
