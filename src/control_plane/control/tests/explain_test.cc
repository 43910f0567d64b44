#include "sluice/control/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sluice/control/levers.h"
#include "sluice/control/policy.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

using testing::HasSubstr;
using testing::Not;

StoredDecision stored_example(LeverPolicy policy = {LeverMode::kOn, std::nullopt}) {
  LeverPolicies policies;
  policies.levers["file_size"] = std::move(policy);
  StageContext stage = stage_example();
  stage.input_bytes = 50'000'000;
  StoredDecision stored;
  stored.decision = choose(file_size_lever(), stage, policies, {}, 7).value();
  stored.decision.id = base::DecisionId("d-1");
  stored.decision.invocation = base::InvocationId("i-1");
  stored.decision.decided_at = base::parse_iso8601("2013-01-01T05:00:00Z").value();
  stored.last_used_at = base::parse_iso8601("2013-01-02").value();
  stored.uses = 4;
  return stored;
}

StoredOutcome outcome(double cpu_s, std::int64_t input_bytes = 50'000'000, bool ok = true) {
  StoredOutcome stored;
  stored.outcome.cpu_s = cpu_s;
  stored.outcome.wall_s = 100;
  stored.outcome.input_bytes = input_bytes;
  stored.outcome.ok = ok;
  return stored;
}

TEST(Explain, TellsChoiceReasonAndCandidates) {
  const std::string text = explain_text(stored_example(), {});
  EXPECT_THAT(text, HasSubstr("file_size of gold.delays (refresh)"));
  EXPECT_THAT(text, HasSubstr("choice      128MiB (file_bytes_target=134217728)"));
  EXPECT_THAT(text, HasSubstr("* 128MiB  1.02 s (0.255 s to 4.08 s)"));
  EXPECT_THAT(text, HasSubstr("legal (fills_a_file, files_per_commit)"));
  EXPECT_THAT(text, HasSubstr("refused by fills_a_file: 47.7 MiB of expected output never fills"));
  EXPECT_THAT(text, HasSubstr("reason      47.7 MiB expected"));
  EXPECT_THAT(text, HasSubstr("guard       allowed\n"));
  EXPECT_THAT(text, HasSubstr("2013-01-01T05:00:00Z to 2013-01-02T00:00:00Z, 4 use(s)"));
  EXPECT_THAT(text, Not(HasSubstr("applied")));
}

TEST(Explain, TellsHowToForceAnotherChoice) {
  const std::string text = explain_text(stored_example(), {});
  EXPECT_THAT(text,
              HasSubstr("set optimizer.levers.file_size.force in sluice.yaml to one of 128MiB, "));
  EXPECT_THAT(text, HasSubstr("nothing to undo"));
}

TEST(Explain, TellsHowToUndoAForcedChoice) {
  const std::string text = explain_text(stored_example({std::nullopt, "32MiB"}), {});
  EXPECT_THAT(text, HasSubstr("choice      32MiB"));
  EXPECT_THAT(text, HasSubstr("remove optimizer.levers.file_size.force from sluice.yaml"));
}

TEST(Explain, TellsWhatTheGuardVetoed) {
  const std::string text = explain_text(stored_example({std::nullopt, "512MiB"}), {});
  EXPECT_THAT(text, HasSubstr("guard       vetoed: 512MiB breaks fills_a_file"));
}

TEST(Explain, TellsWhatIsAppliedInShadow) {
  const std::string text = explain_text(stored_example({LeverMode::kShadow, "32MiB"}), {});
  EXPECT_THAT(text, HasSubstr("choice      32MiB"));
  EXPECT_THAT(text, HasSubstr("applied     128MiB"));
}

TEST(Explain, TellsPredictedAgainstMeasured) {
  EXPECT_THAT(explain_text(stored_example(), {}), HasSubstr("measured    nothing yet"));
  const std::vector<StoredOutcome> outcomes = {outcome(2), outcome(3), outcome(9),
                                               outcome(1, 50'000'000, false)};
  EXPECT_THAT(
      explain_text(stored_example(), outcomes),
      HasSubstr("3 stage(s): median 3 s measured, 1.02 s predicted (CPU seconds); 1 failed"));
  const std::vector<StoredOutcome> failures = {outcome(1, 1, false)};
  EXPECT_THAT(explain_text(stored_example(), failures), HasSubstr("1 failed, none done"));
}

TEST(ComparePrediction, ScalesThePredictionToTheInputThatCame) {
  const std::vector<StoredOutcome> outcomes = {outcome(2, 100'000'000)};
  const auto record = compare_prediction(stored_example().decision, outcomes);
  EXPECT_EQ(record.outcomes, 1u);
  EXPECT_DOUBLE_EQ(record.predicted_median_s, 2.04);
  EXPECT_DOUBLE_EQ(record.measured_median_s, 2);
}

TEST(ComparePrediction, KeepsThePredictionWhenTheInputIsUnknown) {
  const std::vector<StoredOutcome> outcomes = {outcome(2, 0)};
  const auto record = compare_prediction(stored_example().decision, outcomes);
  EXPECT_DOUBLE_EQ(record.predicted_median_s, 1.02);
}

TEST(Explain, GivesTheSameFactsAsJson) {
  const std::vector<StoredOutcome> outcomes = {outcome(2)};
  const auto json = explain_json(stored_example({std::nullopt, "32MiB"}), outcomes);
  EXPECT_EQ(json["lever"], "file_size");
  EXPECT_EQ(json["chosen"], "32MiB");
  EXPECT_EQ(json["applied"], "32MiB");
  EXPECT_EQ(json["policy"], "forced by project");
  EXPECT_EQ(json["guard"]["verdict"], "allowed");
  EXPECT_EQ(json["candidates"].size(), 3u);
  EXPECT_EQ(json["measured"]["outcomes"], 1);
  EXPECT_EQ(json["measured"]["measured_median_s"], 2.0);
  EXPECT_EQ(json["force"]["key"], "optimizer.levers.file_size.force");
  EXPECT_EQ(json["uses"], 4);
}

TEST(Explain, LeavesMediansNullInJsonUntilSomethingIsMeasured) {
  const auto json = explain_json(stored_example(), {});
  EXPECT_TRUE(json["measured"]["measured_median_s"].is_null());
}

}  // namespace
}  // namespace sluice::control
