#include <gtest/gtest.h>

#include "sluice/control/guard.h"
#include "sluice/control/levers.h"
#include "sluice/control/policy.h"
#include "sluice/control/setting_names.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

Decision decide(const StageContext& stage, std::optional<std::string> force = std::nullopt) {
  LeverPolicies policies;
  policies.levers["stage_resources"].force = std::move(force);
  return choose(stage_resources_lever(), stage, policies, {}, 1).value();
}

std::int64_t threads(const Decision& decision) {
  return config_int(decision.applied_candidate().config, kThreads).value();
}

std::int64_t memory(const Decision& decision) {
  return config_int(decision.applied_candidate().config, kMemoryBytes).value();
}

TEST(StageResources, GiveASmallInputOneThread) {
  const Decision decision = decide(stage_example());
  EXPECT_EQ(decision.applied_candidate().name, "small");
  EXPECT_EQ(threads(decision), 1);
  EXPECT_EQ(memory(decision), 256 * kTestMiB);
  EXPECT_EQ(decision.reason, "12.0 MiB input: one thread is enough");
}

TEST(StageResources, SayHowManyJobsWait) {
  StageContext stage = stage_example();
  stage.jobs_waiting = 3;
  EXPECT_EQ(decide(stage).reason, "12.0 MiB input: one thread is enough; 3 jobs wait");
  stage.jobs_waiting = 1;
  EXPECT_EQ(decide(stage).reason, "12.0 MiB input: one thread is enough; 1 job waits");
}

TEST(StageResources, GiveALargeInputTheWholeMachineWhenNothingWaits) {
  StageContext stage = stage_example();
  stage.input_bytes = 10 * kTestGiB;
  const Decision decision = decide(stage);
  EXPECT_EQ(threads(decision), 8);
  EXPECT_EQ(memory(decision), 8 * kTestGiB);
  EXPECT_EQ(decision.reason, "10.0 GiB input: worth 8 threads");
}

TEST(StageResources, GiveALargeInputAnEqualShareWhenOthersWait) {
  StageContext stage = stage_example();
  stage.input_bytes = 10 * kTestGiB;
  stage.jobs_waiting = 3;
  const Decision decision = decide(stage);
  EXPECT_EQ(decision.applied_candidate().name, "share");
  EXPECT_EQ(threads(decision), 2);
  EXPECT_EQ(memory(decision), 2 * kTestGiB);
  EXPECT_EQ(decision.reason,
            "10.0 GiB input: worth 8 threads; 3 jobs wait, so it gets 2 of 8 threads");
}

TEST(StageResources, GiveAMiddlingInputHalfTheMachine) {
  StageContext stage = stage_example();
  stage.input_bytes = 60 * kTestMiB;
  EXPECT_EQ(decide(stage).applied_candidate().name, "half");
}

TEST(StageResources, NeverLetDefaultsAddUpToMoreThanTheMachine) {
  for (const int waiting : {0, 1, 2, 5, 100}) {
    for (const int threads_total : {1, 2, 3, 8, 64}) {
      for (const std::int64_t memory_mib : {128, 300, 512, 4096, 100000}) {
        for (const std::int64_t input_mib : {0, 1, 40, 1000, 1000000}) {
          StageContext stage = stage_example();
          stage.jobs_waiting = waiting;
          stage.threads_total = threads_total;
          stage.memory_total_bytes = memory_mib * kTestMiB;
          stage.input_bytes = input_mib * kTestMiB;
          const Decision decision = decide(stage);
          const std::int64_t side_by_side = std::max<std::int64_t>(
              1, std::min<std::int64_t>({1 + waiting, threads_total, memory_mib / 128}));
          EXPECT_LE(threads(decision) * side_by_side, threads_total);
          EXPECT_LE(memory(decision) * side_by_side, stage.memory_total_bytes);
          EXPECT_GE(memory(decision), threads(decision) * 128 * kTestMiB);
          EXPECT_EQ(decision.guard.verdict, GuardVerdict::kAllowed);
        }
      }
    }
  }
}

TEST(StageResources, UseNoMoreThreadsThanMemoryFeedsAndSaySo) {
  StageContext stage = stage_example();
  stage.input_bytes = 10 * kTestGiB;
  stage.memory_total_bytes = 512 * kTestMiB;
  const Decision decision = decide(stage);
  EXPECT_EQ(threads(decision), 4);
  EXPECT_EQ(decision.reason, "10.0 GiB input: worth 8 threads; 512.0 MiB of memory feeds 4");
}

TEST(StageResources, GiveAnotherCandidateWhenTheProjectForcesIt) {
  const Decision decision = decide(stage_example(), "all");
  EXPECT_EQ(threads(decision), 8);
  EXPECT_EQ(decision.policy, kForcedPolicy);
  EXPECT_EQ(decision.guard.verdict, GuardVerdict::kAllowed);
}

TEST(StageResources, CutAForcedCandidateDownToConfiguredMemory) {
  StageContext stage = stage_example();
  stage.memory_total_bytes = 200 * kTestMiB;
  const Decision decision = decide(stage, "small");
  EXPECT_EQ(decision.guard.verdict, GuardVerdict::kClamped);
  EXPECT_EQ(decision.guard.text, "small: 256.0 MiB cut to 200.0 MiB");
  EXPECT_EQ(memory(decision), 200 * kTestMiB);
  EXPECT_TRUE(decision.applied_candidate().legal());
}

TEST(StageResources, VetoAForcedCandidateWithTooLittleMemoryPerThread) {
  StageContext stage = stage_example();
  stage.memory_total_bytes = 512 * kTestMiB;
  const Decision decision = decide(stage, "all");
  EXPECT_EQ(decision.guard.verdict, GuardVerdict::kVetoed);
  EXPECT_EQ(decision.guard.text,
            "all breaks memory_per_thread: 512.0 MiB for 8 thread(s), at least 1.0 GiB needed; "
            "small is used");
  EXPECT_EQ(decision.policy, kForcedPolicy);
  EXPECT_EQ(threads(decision), 1);
}

TEST(StageResources, RefuseAMachineWithoutTheMemoryForOneThread) {
  StageContext stage = stage_example();
  stage.memory_total_bytes = 100 * kTestMiB;
  const auto refused = choose(stage_resources_lever(), stage, {}, {}, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kExhausted);
  EXPECT_NE(refused.error().message.find("raise 'resources'"), std::string::npos);
}

TEST(StageResources, RefuseAMachineWithoutThreads) {
  StageContext stage = stage_example();
  stage.threads_total = 0;
  EXPECT_EQ(choose(stage_resources_lever(), stage, {}, {}, 1).error().kind,
            base::ErrorKind::kExhausted);
}

TEST(StageResources, CutThreadsDownToTheConfiguredOnes) {
  StageContext stage = stage_example();
  Config config = {{kThreads, std::int64_t{9}}, {kMemoryBytes, 2 * kTestGiB}};
  EXPECT_EQ(stage_resources_lever().clamp(config, stage), "9 threads cut to 8");
  EXPECT_EQ(config_int(config, kThreads), 8);
}

TEST(StageResources, StayInOneBucketWhileTheInputVariesALittle) {
  StageContext stage = stage_example();
  const std::string bucket = stage_resources_lever().bucket(stage);
  stage.input_bytes += 5 * kTestMiB;
  EXPECT_EQ(stage_resources_lever().bucket(stage), bucket);
  stage.jobs_waiting = 2;
  EXPECT_NE(stage_resources_lever().bucket(stage), bucket);
  stage.jobs_waiting = 0;
  stage.input_bytes = kTestGiB;
  EXPECT_NE(stage_resources_lever().bucket(stage), bucket);
}

TEST(StageResources, PredictLessTimeForMoreThreads) {
  StageContext stage = stage_example();
  stage.input_bytes = kTestGiB;
  const Decision decision = decide(stage);
  EXPECT_LT(decision.candidates[3].cost.predicted_s, decision.candidates[0].cost.predicted_s);
}

}  // namespace
}  // namespace sluice::control
