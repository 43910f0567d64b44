#include "sluice/control/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/control/levers.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

using testing::HasSubstr;

LeverPolicies with(const std::string& lever, LeverPolicy policy) {
  LeverPolicies policies;
  policies.levers[lever] = std::move(policy);
  return policies;
}

Decision decide(const LeverPolicies& policies) {
  return choose(compression_lever(), stage_example(), policies, {}, 7).value();
}

TEST(Choose, TakesTheDefaultWhenTheProjectSaysNothing) {
  const Decision decision = decide({});
  EXPECT_EQ(decision.applied_candidate().name, "zstd-1");
  EXPECT_EQ(decision.policy, kDefaultRulePolicy);
  EXPECT_EQ(decision.scope, "gold.delays");
  EXPECT_EQ(decision.stage, "refresh");
  EXPECT_EQ(decision.seed, 7u);
  EXPECT_EQ(decision.model_version, kCostModelVersion);
  EXPECT_EQ(decision.context.bucket, "input 8 to 64 MiB");
}

TEST(Choose, AppliesAForcedCandidate) {
  const Decision decision = decide(with("compression", {std::nullopt, "snappy"}));
  EXPECT_EQ(decision.applied_candidate().name, "snappy");
  EXPECT_EQ(decision.policy, "forced by project");
  EXPECT_EQ(decision.mode, LeverMode::kOn);
  EXPECT_THAT(decision.reason, HasSubstr("the project forces snappy; the default would be zstd-1"));
}

TEST(Choose, RecordsTheChoiceButUsesTheDefaultInShadow) {
  const Decision decision = decide(with("compression", {LeverMode::kShadow, "snappy"}));
  EXPECT_EQ(decision.chosen_candidate().name, "snappy");
  EXPECT_EQ(decision.applied_candidate().name, "zstd-1");
  EXPECT_THAT(decision.reason, HasSubstr("shadow: recorded only, zstd-1 is used"));
}

TEST(Choose, DoesNotSpeakOfShadowWhenTheDefaultWasChosenAnyway) {
  const Decision decision = decide(with("compression", {LeverMode::kShadow, std::nullopt}));
  EXPECT_EQ(decision.chosen, decision.applied);
  EXPECT_THAT(decision.reason, testing::Not(HasSubstr("shadow")));
}

TEST(Choose, HonoursAForcedCandidateOfALeverThatIsOff) {
  const Decision decision = decide(with("compression", {LeverMode::kOff, "snappy"}));
  EXPECT_EQ(decision.applied_candidate().name, "snappy");
  EXPECT_THAT(decision.reason, HasSubstr("the lever is off"));
}

TEST(Choose, TakesTheDefaultOfALeverThatIsOff) {
  const Decision decision = decide(with("compression", {LeverMode::kOff, std::nullopt}));
  EXPECT_EQ(decision.applied_candidate().name, "zstd-1");
  EXPECT_EQ(decision.mode, LeverMode::kOff);
}

TEST(Choose, VetoesAForcedCandidateThatDoesNotExist) {
  const Decision decision = decide(with("compression", {std::nullopt, "snapy"}));
  EXPECT_EQ(decision.applied_candidate().name, "zstd-1");
  EXPECT_EQ(decision.guard.verdict, GuardVerdict::kVetoed);
  EXPECT_THAT(decision.guard.text, HasSubstr("no candidate 'snapy'; did you mean 'snappy'?"));
  EXPECT_THAT(decision.reason, HasSubstr("the project forces snapy, which the guard vetoed"));
}

TEST(Choose, GivesTheSameDecisionForTheSameArguments) {
  for (const Lever& lever : all_levers()) {
    const Decision first = choose(lever, stage_example(), {}, {}, 42).value();
    const Decision second = choose(lever, stage_example(), {}, {}, 42).value();
    EXPECT_EQ(first.chosen, second.chosen);
    EXPECT_EQ(first.applied, second.applied);
    EXPECT_EQ(first.reason, second.reason);
    EXPECT_EQ(first.context.features, second.context.features);
    EXPECT_EQ(first.candidates[0].cost.predicted_s, second.candidates[0].cost.predicted_s);
  }
}

TEST(LeverPolicies, PutTheLeversOwnModeFirst) {
  LeverPolicies policies = with("compression", {LeverMode::kOff, "snappy"});
  policies.mode = LeverMode::kOn;
  EXPECT_EQ(policies.mode_of(compression_lever()), LeverMode::kOff);
}

TEST(LeverPolicies, AForceMeansOnEvenUnderAProjectInShadow) {
  LeverPolicies policies = with("compression", {std::nullopt, "snappy"});
  policies.mode = LeverMode::kShadow;
  EXPECT_EQ(policies.mode_of(compression_lever()), LeverMode::kOn);
  EXPECT_EQ(policies.mode_of(stage_resources_lever()), LeverMode::kShadow);
}

TEST(LeverPolicies, TakeTheMoreCautiousOfTheProjectsAndTheShippedMode) {
  LeverPolicies policies;
  policies.mode = LeverMode::kOn;
  EXPECT_EQ(policies.mode_of(compression_lever()), LeverMode::kShadow);
  policies.mode = LeverMode::kOff;
  EXPECT_EQ(policies.mode_of(compression_lever()), LeverMode::kOff);
}

TEST(LeverPolicies, LeaveALeverItsShippedModeWhenTheyAreSilent) {
  EXPECT_EQ(LeverPolicies().mode_of(compression_lever()), LeverMode::kShadow);
  EXPECT_EQ(LeverPolicies().mode_of(stage_resources_lever()), LeverMode::kOn);
  EXPECT_EQ(LeverPolicies().force_of(compression_lever()), std::nullopt);
}

TEST(CheckPolicies, AcceptsKnownLeversAndCandidates) {
  EXPECT_TRUE(check_policies(with("file_size", {std::nullopt, "32MiB"})).ok());
  EXPECT_TRUE(check_policies({}).ok());
}

TEST(CheckPolicies, RefusesAnUnknownLeverWithTheNearestName) {
  const auto status = check_policies(with("compresion", {}));
  EXPECT_EQ(status.error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_THAT(status.error().message, HasSubstr("did you mean 'compression'?"));
}

TEST(CheckPolicies, RefusesAnUnknownCandidateWithTheKnownOnes) {
  const auto status = check_policies(with("file_size", {std::nullopt, "1TiB"}));
  EXPECT_EQ(status.error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_THAT(status.error().message, HasSubstr("optimizer.levers.file_size.force"));
  EXPECT_THAT(status.error().message, HasSubstr("(known: 128MiB, 32MiB, 512MiB)"));
}

}  // namespace
}  // namespace sluice::control
