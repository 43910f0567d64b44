#include "sluice/control/decision.h"

#include <gtest/gtest.h>

namespace sluice::control {
namespace {

TEST(Decision, ReadsBackVerdictsAndModesFromTheirText) {
  for (const auto verdict :
       {GuardVerdict::kAllowed, GuardVerdict::kClamped, GuardVerdict::kVetoed}) {
    EXPECT_EQ(parse_guard_verdict(to_text(verdict)).value(), verdict);
  }
  for (const auto mode : {LeverMode::kOn, LeverMode::kShadow, LeverMode::kOff}) {
    EXPECT_EQ(parse_lever_mode(to_text(mode)).value(), mode);
  }
}

TEST(Decision, RefusesTextsThatAreNoVerdictOrMode) {
  EXPECT_EQ(parse_guard_verdict("maybe").error().kind, base::ErrorKind::kCorrupt);
  EXPECT_EQ(parse_lever_mode("auto").error().kind, base::ErrorKind::kInvalidInput);
}

TEST(Decision, SaysThatCanaryIsNotBuilt) {
  EXPECT_EQ(parse_lever_mode("canary").error().kind, base::ErrorKind::kUnsupported);
}

TEST(Decision, NamesTheFirstConstraintThatRefusedACandidate) {
  Candidate candidate;
  candidate.checks = {{"first", ""}, {"second", "too large"}, {"third", "too slow"}};
  EXPECT_FALSE(candidate.legal());
  ASSERT_NE(candidate.refused_by(), nullptr);
  EXPECT_EQ(candidate.refused_by()->constraint, "second");
}

TEST(Decision, HoldsACandidateThatPassedEveryCheckForLegal) {
  Candidate candidate;
  candidate.checks = {{"first", ""}};
  EXPECT_TRUE(candidate.legal());
}

TEST(Decision, ReadsSettingsByNameAndType) {
  const Config config = {{"threads", std::int64_t{2}}, {"compression", "zstd"}};
  EXPECT_EQ(config_int(config, "threads"), 2);
  EXPECT_EQ(config_text(config, "compression"), "zstd");
  EXPECT_EQ(config_int(config, "compression"), std::nullopt);
  EXPECT_EQ(config_int(config, "absent"), std::nullopt);
  EXPECT_EQ(to_text(config), "threads=2, compression=zstd");
}

TEST(Decision, ReadsFeaturesThatAreNumbers) {
  const Context context = {{{"input_bytes", 12.0}, {"kind", std::string("decode")}}, "small"};
  EXPECT_EQ(context.number("input_bytes"), 12.0);
  EXPECT_EQ(context.number("kind"), std::nullopt);
  EXPECT_EQ(context.number("absent"), std::nullopt);
}

TEST(Decision, MeasuresWhatItsMetricNames) {
  Outcome outcome;
  outcome.wall_s = 2;
  outcome.cpu_s = 3;
  EXPECT_EQ(measured_cost_s(OutcomeMetric::kWallSeconds, outcome), 2);
  EXPECT_EQ(measured_cost_s(OutcomeMetric::kCpuSeconds, outcome), 3);
}

TEST(Decision, ReadsBackMetricsFromTheirText) {
  for (const auto metric : {OutcomeMetric::kWallSeconds, OutcomeMetric::kCpuSeconds}) {
    EXPECT_EQ(parse_outcome_metric(to_text(metric)).value(), metric);
  }
  EXPECT_EQ(parse_outcome_metric("rows").error().kind, base::ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace sluice::control
