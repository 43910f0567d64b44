#include "sluice/decode/internal/nested_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace sluice::decode {
namespace {

using testing::HasSubstr;

job::DecodeColumn column_of(std::string_view type) {
  return {"c", *data::parse_type(type), false, ""};
}

/// The text that is made of some JSON, or `!rule/place reason`.
std::string written(std::string_view type, std::string_view json,
                    job::UnknownFields unknown = job::UnknownFields::kRefuse) {
  NestedTextParser parser;
  std::string text;
  Refusal refusal;
  parser.write(json, column_of(type), unknown, text, refusal);
  return refusal.rule.empty() ? text
                              : "!" + refusal.rule + "/" + refusal.column + " " + refusal.reason;
}

TEST(NestedText, KeepsScalarsAsTheyAreWritten) {
  EXPECT_EQ(written("struct<a: decimal(38, 10), b: string, c: boolean>",
                    R"({"c": true, "a": 12345678901234567.1000000001, "b": "x\"\u00e9\n"})"),
            "{\"c\":\"true\",\"a\":\"12345678901234567.1000000001\",\"b\":\"x\\\"é\\u000a\"}");
  EXPECT_EQ(written("list<int>", "[1, null, 2e3]"), R"(["1",null,"2e3"])");
  EXPECT_EQ(written("map<string, list<int>>", R"({"a": [1], "b": null})"),
            R"([{"key":"a","value":["1"]},{"key":"b","value":null}])");
  EXPECT_EQ(written("list<int>", "null"), "null");
  EXPECT_EQ(written("struct<a: int>", "{}"), "{}");
}

TEST(NestedText, NamesThePlaceOfWhatDoesNotFit) {
  EXPECT_EQ(written("list<struct<sku: string>>", R"([{"sku": "a"}, {"sku": 7}])"),
            "!type/c[].sku c[2].sku: 7 is not a string");
  EXPECT_EQ(written("list<struct<sku: string>>", R"([{"sku": "a"}, 3])"),
            "!type/c[] c[2]: a scalar is not struct<sku: string>");
  EXPECT_EQ(written("map<string, int>", R"({"a": {"b": 1}})"),
            "!type/c[value] c['a']: an object is not int");
  EXPECT_THAT(written("struct<a: int>", "[1]"), HasSubstr("c: an array is not struct<a: int>"));
  EXPECT_THAT(written("list<int>", R"("[1]")"), HasSubstr("c: a string is not list<int>"));
}

TEST(NestedText, RefusesOrLeavesOutUnknownMembers) {
  EXPECT_EQ(written("struct<a: struct<b: int>>", R"({"a": {"b": 1, "x": [{}]}})"),
            "!unknown_column/c.a.x the contract does not know 'c.a.x'");
  EXPECT_EQ(written("struct<a: struct<b: int>>", R"({"a": {"x": [{}], "b": 1}, "y": 2})",
                    job::UnknownFields::kIgnore),
            R"({"a":{"b":"1"}})");
}

TEST(NestedText, CallsKeysThatOccurTwiceAndNulsDamage) {
  EXPECT_THAT(written("struct<a: int>", R"({"a": 1, "a": 1})"), HasSubstr("!malformed/c.a"));
  EXPECT_THAT(written("map<string, int>", R"({"k": 1, "\u006b": 2})"),
              HasSubstr("!malformed/c[value] key 'c['k']' occurs twice"));
  EXPECT_THAT(written("list<string>", R"(["a\u0000"])"), HasSubstr("!malformed/c[]"));
}

TEST(NestedText, RefusesWhatIsNoJson) {
  for (const char* text :
       {"", "[1", "[1,]", "[1] 2", "[01]", "[tru]", "{\"a\"}", "[\"\\ud800\"]"}) {
    EXPECT_EQ(written("list<string>", text).front(), '!') << text;
  }
}

TEST(NestedText, TakesAnyBytes) {
  EXPECT_TRUE(rc::check("a text or a refusal", [](const std::string& bytes) {
    RC_ASSERT(!written("list<struct<a: map<string, int>>>", bytes).empty());
  }));
}

}  // namespace
}  // namespace sluice::decode
