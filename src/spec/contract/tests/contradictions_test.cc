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
              "no value of column 'a' is at least 10 (line 11) and at most 5 (line 12)");
  expect_said(said_of("string", {"logicalTypeOptions: {minLength: 4}", "physicalType: varchar(3)"}),
              "at least 4 characters (line 10) and at most 3 (line 11)");
  expect_said(said_of("integer",
                      {"enum: [{value: 3}, {value: 12}]", "logicalTypeOptions:", "  maximum: 10"}),
              "column 'a' may be '12' (line 10), which its range refuses (line 12)");
  expect_said(said_of("string", {"enum: [{value: x}]", "logicalTypeOptions: {pattern: '^y'}"}),
              "may be 'x' (line 10), which its pattern refuses (line 11)");
  expect_said(said_of("string", {"required: true", "enum: [{value: null}]"}),
              "column 'a' must be present (line 10), but no value is allowed (line 11)");
  expect_said(said_of("string", {"required: false", "primaryKey: true"}),
              "'a' is part of the primary key (line 11), so it cannot be optional");
  expect_said(said_of("string", {"required: true",
                                 "quality:", "  - {metric: nullValues, mustBeGreaterThan: 0}"}),
              "but nullValues(a) > 0 asks for nulls (line 12)");
  expect_said(said_of("string", {"quality:", "  - {metric: nullValues, mustBeGreaterThan: 5}",
                                 "  - {metric: nullValues, mustBeLessThan: 4}"}),
              "nullValues(a) > 5 (line 11) and nullValues(a) < 4 (line 12) cannot both hold");
}

TEST(Contradictions, SeeTheGapsBetweenWholeNumbers) {
  const std::vector<std::string> keys = {
      "logicalTypeOptions: {exclusiveMinimum: 1, exclusiveMaximum: 2}"};
  expect_said(said_of("integer", keys), "no value of column 'a' is above 1");
  EXPECT_EQ(said_of("number", keys), "");
  expect_said(said_of("integer", {"logicalTypeOptions: {minimum: 300}", "physicalType: tinyint"}),
              "at least 300 (line 10) and at most 127 (line 11)");
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
