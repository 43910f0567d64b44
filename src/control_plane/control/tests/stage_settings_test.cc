#include "sluice/control/stage_settings.h"

#include <gtest/gtest.h>

#include "sluice/control/decision_store.h"
#include "sluice/control/tests/metastore_example.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

class DecideStageTest : public testing::Test {
 protected:
  base::Result<StageSettings> decide(const StageContext& stage,
                                     const LeverPolicies& policies = {}) {
    clock_.advance_us(1'000'000);
    return decide_stage(stage, policies, store_, clock_, random_, base::InvocationId("i-1"));
  }

  base::ManualClock clock_{{1'356'998'400'000'000}};
  base::Random random_{7};
  std::unique_ptr<metastore::Database> database_ = metastore_example();
  DecisionStore store_{*database_};
};

TEST_F(DecideStageTest, GivesAWritingStageAllItsSettings) {
  const StageSettings settings = decide(stage_example()).value();
  EXPECT_EQ(settings.threads, 1);
  EXPECT_EQ(settings.memory_bytes, 256 * kTestMiB);
  EXPECT_EQ(settings.compression, "zstd");
  EXPECT_EQ(settings.compression_level, 1);
  EXPECT_EQ(settings.file_bytes_target, 128 * kTestMiB);
  ASSERT_EQ(settings.decisions.size(), 3u);
  const StoredDecision first = store_.find(settings.decisions[0]).value();
  EXPECT_EQ(first.decision.lever, "stage_resources");
  EXPECT_EQ(first.decision.invocation.text, "i-1");
  EXPECT_EQ(first.decision.decided_at, clock_.now());
}

TEST_F(DecideStageTest, DecidesOnlyResourcesForAStageThatWritesNothing) {
  StageContext stage = stage_example();
  stage.kind = StageKind::kQuery;
  const StageSettings settings = decide(stage).value();
  EXPECT_EQ(settings.decisions.size(), 1u);
  EXPECT_EQ(settings.compression, "");
}

TEST_F(DecideStageTest, FollowsWhatTheProjectForces) {
  LeverPolicies policies;
  policies.levers["stage_resources"].force = "all";
  policies.levers["compression"].force = "snappy";
  policies.levers["file_size"].force = "32MiB";
  const StageSettings settings = decide(stage_example(), policies).value();
  EXPECT_EQ(settings.threads, 8);
  EXPECT_EQ(settings.memory_bytes, 8 * kTestGiB);
  EXPECT_EQ(settings.compression, "snappy");
  EXPECT_EQ(settings.compression_level, 0);
  EXPECT_EQ(settings.file_bytes_target, 32 * kTestMiB);
  for (const base::DecisionId& id : settings.decisions) {
    EXPECT_EQ(store_.find(id).value().decision.policy, kForcedPolicy);
  }
}

TEST_F(DecideStageTest, UsesTheSameDecisionsAgainForTheSameKindOfStage) {
  const StageSettings first = decide(stage_example()).value();
  const StageSettings second = decide(stage_example()).value();
  EXPECT_EQ(first.decisions, second.decisions);
  EXPECT_EQ(store_.find(first.decisions[0]).value().uses, 2);
}

TEST_F(DecideStageTest, PredictsFromWhatWasMeasuredOnTheSameTable) {
  const StageSettings first = decide(stage_example()).value();
  Outcome outcome;
  outcome.input_bytes = 12 * kTestMiB;
  outcome.cpu_s = 12;
  outcome.wall_s = 12;
  ASSERT_TRUE(store_.join_outcome(first.decisions, "s-1", outcome).ok());
  StageContext larger = stage_example();
  larger.input_bytes = 100 * kTestMiB;
  const StageSettings second = decide(larger).value();
  const Decision compression = store_.find(second.decisions[1]).value().decision;
  EXPECT_NEAR(compression.applied_candidate().cost.predicted_s, 100, 0.2);
}

TEST_F(DecideStageTest, RecordsNothingWhenAStageCannotBeGranted) {
  StageContext stage = stage_example();
  stage.memory_total_bytes = kTestMiB;
  EXPECT_EQ(decide(stage).error().kind, base::ErrorKind::kExhausted);
  EXPECT_TRUE(store_.list(1).value().empty());
}

TEST_F(DecideStageTest, DecidesTheSameForTheSameSeed) {
  const auto other_database = metastore_example();
  DecisionStore other_store(*other_database);
  base::Random other_random(7);
  const StageSettings first = decide(stage_example()).value();
  const StageSettings second = decide_stage(stage_example(), {}, other_store, clock_, other_random,
                                            base::InvocationId("i-1"))
                                   .value();
  EXPECT_EQ(first.decisions, second.decisions);
  EXPECT_EQ(store_.find(first.decisions[0]).value().decision.seed,
            other_store.find(second.decisions[0]).value().decision.seed);
}

}  // namespace
}  // namespace sluice::control
