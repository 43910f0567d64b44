#include <gtest/gtest.h>

#include "sluice/control/levers.h"
#include "sluice/control/policy.h"
#include "sluice/control/setting_names.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

Decision decide(const StageContext& stage, std::optional<std::string> force = std::nullopt) {
  LeverPolicies policies;
  policies.levers["file_size"].force = std::move(force);
  return choose(file_size_lever(), stage, policies, {}, 1).value();
}

std::int64_t target(const Decision& decision) {
  return config_int(decision.applied_candidate().config, kFileBytesTarget).value();
}

TEST(FileSize, Is128MiBByDefault) {
  const Decision decision = decide(stage_example());
  EXPECT_EQ(target(decision), 128 * kTestMiB);
  EXPECT_NE(decision.reason.find("12.0 MiB expected (at most the input): 1 file of up to 128MiB"),
            std::string::npos)
      << decision.reason;
}

TEST(FileSize, ExpectsWhatTheTableGotLastTime) {
  StageContext stage = stage_example();
  stage.output_bytes_last = 300 * kTestMiB;
  EXPECT_NE(decide(stage).reason.find("300.0 MiB expected (as last time): 3 files"),
            std::string::npos)
      << decide(stage).reason;
}

TEST(FileSize, IsWhatTheProjectForces) {
  EXPECT_EQ(target(decide(stage_example(), "32MiB")), 32 * kTestMiB);
  StageContext stage = stage_example();
  stage.output_bytes_last = kTestGiB;
  EXPECT_EQ(target(decide(stage, "512MiB")), 512 * kTestMiB);
}

TEST(FileSize, VetoesAFileThatTheExpectedOutputNeverFills) {
  const Decision decision = decide(stage_example(), "512MiB");
  EXPECT_EQ(decision.guard.verdict, GuardVerdict::kVetoed);
  EXPECT_EQ(decision.guard.text,
            "512MiB breaks fills_a_file: 12.0 MiB of expected output never fills a file of "
            "512.0 MiB; 128MiB is used");
  EXPECT_EQ(target(decision), 128 * kTestMiB);
}

TEST(FileSize, VetoesFilesSoSmallThatACommitHasThousands) {
  StageContext stage = stage_example();
  stage.output_bytes_last = 100 * kTestGiB;
  const Decision decision = decide(stage, "32MiB");
  EXPECT_EQ(decision.guard.verdict, GuardVerdict::kVetoed);
  EXPECT_EQ(target(decision), 128 * kTestMiB);
}

TEST(FileSize, KeepsItsDefaultLegalWhateverIsExpected) {
  StageContext stage = stage_example();
  for (const std::int64_t expected : {std::int64_t{0}, kTestMiB, kTestGiB, 100'000 * kTestGiB}) {
    stage.output_bytes_last = expected;
    EXPECT_EQ(decide(stage).guard.verdict, GuardVerdict::kAllowed);
    EXPECT_EQ(target(decide(stage)), 128 * kTestMiB);
  }
}

}  // namespace
}  // namespace sluice::control
