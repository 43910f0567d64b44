#include "sluice/yaml/internal/expand.h"

#include <gtest/gtest.h>

namespace sluice::yaml::internal {
namespace {

std::optional<std::string> env(std::string_view name) {
  if (name == "DATA") {
    return "/data";
  }
  if (name == "EMPTY") {
    return "";
  }
  return std::nullopt;
}

std::string expanded(std::string_view text) {
  ExpandProblem problem;
  const std::optional<std::string> value = expand(text, env, problem);
  return value ? *value : std::to_string(problem.offset) + " " + problem.message;
}

TEST(Expand, ReplacesVariables) {
  EXPECT_EQ(expanded("${DATA}/orders/*.csv"), "/data/orders/*.csv");
  EXPECT_EQ(expanded("${DATA}${DATA}"), "/data/data");
  EXPECT_EQ(expanded("x${EMPTY}y"), "xy");
}

TEST(Expand, TakesTheDefaultForAVariableThatIsUnsetOrEmpty) {
  EXPECT_EQ(expanded("${NOT:-./w}"), "./w");
  EXPECT_EQ(expanded("${EMPTY:-e}"), "e");
  EXPECT_EQ(expanded("${DATA:-e}"), "/data");
  EXPECT_EQ(expanded("${NOT:-}"), "");
}

TEST(Expand, LeavesOtherDollarSignsAlone) {
  EXPECT_EQ(expanded("$${DATA}"), "${DATA}");
  EXPECT_EQ(expanded("cost $5$"), "cost $5$");
  EXPECT_EQ(expanded("$$"), "$");
}

TEST(Expand, SaysWhatIsMissingAndWhere) {
  EXPECT_EQ(expanded("a/${NOT}"), "2 the variable NOT is not set");
  EXPECT_EQ(expanded("${DATA"), "0 '${' without '}'");
  EXPECT_EQ(expanded("${1A}"), "0 '${1A}' names no variable");
  EXPECT_EQ(expanded("${}"), "0 '${}' names no variable");
}

TEST(Expand, DoesNotExpandWhatItInserted) {
  const EnvLookup nested = [](std::string_view) { return std::optional<std::string>("${DATA}"); };
  ExpandProblem problem;
  EXPECT_EQ(expand("${A}", nested, problem), "${DATA}");
}

}  // namespace
}  // namespace sluice::yaml::internal
