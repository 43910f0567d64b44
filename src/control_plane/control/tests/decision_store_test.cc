#include "sluice/control/decision_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/control/levers.h"
#include "sluice/control/policy.h"
#include "sluice/control/tests/metastore_example.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

using testing::HasSubstr;

class DecisionStoreTest : public testing::Test {
 protected:
  Decision decision(const std::string& id, const StageContext& stage = stage_example(),
                    const LeverPolicies& policies = {}) {
    Decision decision = choose(file_size_lever(), stage, policies, {}, ~std::uint64_t{0}).value();
    decision.id = base::DecisionId(id);
    decision.invocation = base::InvocationId("i-1");
    decision.decided_at = {++now_us_};
    return decision;
  }

  std::string record(const Decision& decision) {
    return store_.record(std::span(&decision, 1)).value().at(0).text;
  }

  base::Status join(const std::string& id, std::string_view stage_id, const Outcome& outcome) {
    const base::DecisionId decision_id(id);
    return store_.join_outcome(std::span(&decision_id, 1), stage_id, outcome);
  }

  std::int64_t now_us_ = 100;
  std::unique_ptr<metastore::Database> database_ = metastore_example();
  DecisionStore store_{*database_};
};

Outcome outcome_example() {
  Outcome outcome;
  outcome.input_bytes = 1000;
  outcome.wall_s = 1.5;
  outcome.cpu_s = 2.5;
  outcome.memory_peak_bytes = 3000;
  outcome.output_bytes = 400;
  return outcome;
}

TEST_F(DecisionStoreTest, FindsWhatItRecorded) {
  StageContext stage = stage_example();
  stage.output_bytes_last = 40;
  LeverPolicies policies;
  policies.levers["file_size"] = {LeverMode::kShadow, "512MiB"};
  const Decision written = decision("d-1", stage, policies);
  ASSERT_EQ(record(written), "d-1");
  const StoredDecision stored = store_.find(base::DecisionId("d-1")).value();
  const Decision& read = stored.decision;
  EXPECT_EQ(read.id, written.id);
  EXPECT_EQ(read.lever, "file_size");
  EXPECT_EQ(read.scope, "gold.delays");
  EXPECT_EQ(read.stage, "refresh");
  EXPECT_EQ(read.context.features, written.context.features);
  EXPECT_EQ(read.context.bucket, written.context.bucket);
  ASSERT_EQ(read.candidates.size(), written.candidates.size());
  EXPECT_EQ(read.candidates[2].checks, written.candidates[2].checks);
  EXPECT_EQ(read.candidates[2].cost.high_s, written.candidates[2].cost.high_s);
  EXPECT_EQ(read.metric, written.metric);
  EXPECT_EQ(read.chosen, written.chosen);
  EXPECT_EQ(read.applied, written.applied);
  EXPECT_EQ(read.propensity, 1.0);
  EXPECT_EQ(read.policy, kForcedPolicy);
  EXPECT_EQ(read.mode, LeverMode::kShadow);
  EXPECT_EQ(read.model_version, written.model_version);
  EXPECT_EQ(read.seed, ~std::uint64_t{0});
  EXPECT_EQ(read.guard, written.guard);
  EXPECT_EQ(read.guard.verdict, GuardVerdict::kVetoed);
  EXPECT_EQ(read.reason, written.reason);
  EXPECT_EQ(read.invocation, written.invocation);
  EXPECT_EQ(read.decided_at, written.decided_at);
  EXPECT_EQ(stored.last_used_at, written.decided_at);
  EXPECT_EQ(stored.uses, 1);
}

TEST_F(DecisionStoreTest, SaysThatADecisionIsUnknown) {
  EXPECT_EQ(store_.find(base::DecisionId("d-9")).error().kind, base::ErrorKind::kNotFound);
}

TEST_F(DecisionStoreTest, ExtendsTheLastDecisionWhileBucketAndChoiceStay) {
  record(decision("d-1"));
  StageContext similar = stage_example();
  similar.input_bytes += 1;
  const Decision again = decision("d-2", similar);
  EXPECT_EQ(record(again), "d-1");
  const StoredDecision stored = store_.find(base::DecisionId("d-1")).value();
  EXPECT_EQ(stored.uses, 2);
  EXPECT_EQ(stored.last_used_at, again.decided_at);
  EXPECT_EQ(store_.list(10).value().size(), 1u);
}

TEST_F(DecisionStoreTest, NeverShortensValidityWhenTheClockWentBack) {
  const Decision first = decision("d-1");
  record(first);
  now_us_ = 5;
  record(decision("d-2"));
  EXPECT_EQ(store_.find(base::DecisionId("d-1")).value().last_used_at, first.decided_at);
}

TEST_F(DecisionStoreTest, WritesANewRowWhenTheBucketChanges) {
  record(decision("d-1"));
  StageContext larger = stage_example();
  larger.input_bytes = 5 * kTestGiB;
  EXPECT_EQ(record(decision("d-2", larger)), "d-2");
}

TEST_F(DecisionStoreTest, WritesANewRowWhenTheChoiceChangesAndWhenItChangesBack) {
  LeverPolicies policies;
  policies.levers["file_size"].force = "32MiB";
  EXPECT_EQ(record(decision("d-1")), "d-1");
  EXPECT_EQ(record(decision("d-2", stage_example(), policies)), "d-2");
  EXPECT_EQ(record(decision("d-3")), "d-3");
}

TEST_F(DecisionStoreTest, WritesANewRowWhenOnlyThePolicyChanges) {
  LeverPolicies policies;
  policies.levers["file_size"].force = "128MiB";
  EXPECT_EQ(record(decision("d-1")), "d-1");
  EXPECT_EQ(record(decision("d-2", stage_example(), policies)), "d-2");
}

TEST_F(DecisionStoreTest, KeepsScopesAndStagesApart) {
  StageContext other = stage_example();
  other.scope = "gold.routes";
  StageContext decode = stage_example();
  decode.kind = StageKind::kDecode;
  EXPECT_EQ(record(decision("d-1")), "d-1");
  EXPECT_EQ(record(decision("d-2", other)), "d-2");
  EXPECT_EQ(record(decision("d-3", decode)), "d-3");
  EXPECT_EQ(record(decision("d-4")), "d-1");
}

TEST_F(DecisionStoreTest, RefusesAnIdThatAnotherDecisionHas) {
  record(decision("d-1"));
  StageContext other = stage_example();
  other.scope = "gold.routes";
  const Decision same_id = decision("d-1", other);
  EXPECT_EQ(store_.record(std::span(&same_id, 1)).error().kind, base::ErrorKind::kConflict);
}

TEST_F(DecisionStoreTest, RecordsAllOfAStageOrNone) {
  StageContext other = stage_example();
  other.scope = "gold.routes";
  const std::vector<Decision> decisions = {decision("d-1"), decision("d-1", other)};
  EXPECT_FALSE(store_.record(decisions).ok());
  EXPECT_TRUE(store_.list(10).value().empty());
}

TEST_F(DecisionStoreTest, RecordsInsideTheCallersTransaction) {
  {
    auto transaction = metastore::Transaction::begin(*database_).value();
    ASSERT_TRUE(store_.record(transaction, decision("d-1")).ok());
  }
  EXPECT_TRUE(store_.list(10).value().empty());
}

TEST_F(DecisionStoreTest, ListsTheNewestFirst) {
  StageContext stage = stage_example();
  for (const char* id : {"d-3", "d-1", "d-2"}) {
    stage.scope = id;
    record(decision(id, stage));
  }
  const auto listed = store_.list(2).value();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].decision.id.text, "d-2");
  EXPECT_EQ(listed[1].decision.id.text, "d-1");
}

TEST_F(DecisionStoreTest, JoinsTheOutcomesOfEachStage) {
  record(decision("d-1"));
  Outcome failed = outcome_example();
  failed.ok = false;
  ASSERT_TRUE(join("d-1", "s-1", outcome_example()).ok());
  ASSERT_TRUE(join("d-1", "s-2", failed).ok());
  const auto outcomes = store_.outcomes(base::DecisionId("d-1")).value();
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].stage_id, "s-1");
  EXPECT_EQ(outcomes[0].outcome, outcome_example());
  EXPECT_EQ(outcomes[1].outcome, failed);
}

TEST_F(DecisionStoreTest, RefusesAnOutcomeWithoutADecision) {
  EXPECT_EQ(join("d-9", "s-1", outcome_example()).error().kind, base::ErrorKind::kNotFound);
}

TEST_F(DecisionStoreTest, RefusesASecondOutcomeOfTheSameStage) {
  record(decision("d-1"));
  ASSERT_TRUE(join("d-1", "s-1", outcome_example()).ok());
  EXPECT_EQ(join("d-1", "s-1", outcome_example()).error().kind, base::ErrorKind::kAlreadyExists);
}

TEST_F(DecisionStoreTest, GivesTheHistoryOfALeverOnAScopeNewestFirst) {
  record(decision("d-1"));
  LeverPolicies policies;
  policies.levers["file_size"].force = "32MiB";
  record(decision("d-2", stage_example(), policies));
  Outcome second = outcome_example();
  second.cpu_s = 9;
  ASSERT_TRUE(join("d-1", "s-1", outcome_example()).ok());
  ASSERT_TRUE(join("d-2", "s-2", second).ok());
  const auto history = store_.history("file_size", "gold.delays", StageKind::kRefresh).value();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].outcome, second);
  EXPECT_EQ(config_int(history[0].applied, "file_bytes_target"), 32 * kTestMiB);
  EXPECT_EQ(config_int(history[1].applied, "file_bytes_target"), 128 * kTestMiB);
  EXPECT_TRUE(store_.history("file_size", "gold.delays", StageKind::kDecode).value().empty());
  EXPECT_TRUE(store_.history("file_size", "gold.routes", StageKind::kRefresh).value().empty());
  EXPECT_TRUE(store_.history("compression", "gold.delays", StageKind::kRefresh).value().empty());
}

TEST_F(DecisionStoreTest, BoundsTheHistory) {
  record(decision("d-1"));
  for (std::size_t i = 0; i < kHistoryMax + 5; ++i) {
    ASSERT_TRUE(join("d-1", "s-" + std::to_string(i), outcome_example()).ok());
  }
  EXPECT_EQ(store_.history("file_size", "gold.delays", StageKind::kRefresh).value().size(),
            kHistoryMax);
}

TEST_F(DecisionStoreTest, NamesARowThatCannotBeRead) {
  for (const char* damage :
       {"candidates = 'x'", "features = '{}'", "metric = 'rows'", "chosen = 'none'",
        "applied = 'none'", "mode = 'auto'", "guard = 'maybe'"}) {
    ASSERT_TRUE(database_->execute("DELETE FROM decisions").ok());
    record(decision("d-1"));
    ASSERT_TRUE(database_->execute(std::string("UPDATE decisions SET ") + damage).ok());
    const auto read = store_.find(base::DecisionId("d-1"));
    ASSERT_FALSE(read.ok()) << damage;
    EXPECT_EQ(read.error().kind, base::ErrorKind::kCorrupt) << damage;
    EXPECT_THAT(read.error().message, HasSubstr("decision d-1")) << damage;
  }
}

}  // namespace
}  // namespace sluice::control
