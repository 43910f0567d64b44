#include "sluice/control/lever.h"

#include <gtest/gtest.h>

#include <set>

#include "sluice/control/cost_model.h"
#include "sluice/control/guard.h"
#include "sluice/control/levers.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

TEST(Levers, AreFoundByName) {
  EXPECT_EQ(find_lever("compression"), &compression_lever());
  EXPECT_EQ(find_lever("no_such_lever"), nullptr);
}

TEST(Levers, HaveDistinctNames) {
  std::set<std::string> names;
  for (const Lever& lever : all_levers()) {
    EXPECT_TRUE(names.insert(lever.name).second) << lever.name;
  }
}

TEST(Levers, OfferTheCandidatesTheyAnnounceInThatOrder) {
  for (const Lever& lever : all_levers()) {
    std::vector<std::string> offered;
    for (const Candidate& candidate : lever.candidates(stage_example())) {
      offered.push_back(candidate.name);
    }
    EXPECT_EQ(offered, lever.candidate_names) << lever.name;
  }
}

TEST(Levers, HaveAtLeastTwoLegalCandidatesOnAnOrdinaryMachine) {
  StageContext laptop = stage_example();
  laptop.threads_total = 2;
  laptop.memory_total_bytes = 512 * kTestMiB;
  for (const StageContext& stage : {stage_example(), laptop}) {
    for (const Lever& lever : all_levers()) {
      auto candidates = lever.candidates(stage);
      check_constraints(lever, stage, candidates);
      int legal = 0;
      for (const Candidate& candidate : candidates) {
        legal += candidate.legal() ? 1 : 0;
      }
      EXPECT_GE(legal, 2) << lever.name;
    }
  }
}

TEST(Levers, KnowTheWorkOfEachOfTheirCandidates) {
  for (const Lever& lever : all_levers()) {
    for (const Candidate& candidate : lever.candidates(stage_example())) {
      const auto work = lever.work_factor(candidate.config);
      ASSERT_TRUE(work.has_value()) << lever.name << ' ' << candidate.name;
      EXPECT_GT(*work, 0);
      EXPECT_GE(lever.speedup(candidate.config), 1);
    }
  }
}

TEST(Levers, ThatTouchDurableLayoutAreNeverExploredAndStartInShadow) {
  for (const Lever* lever : {&compression_lever(), &file_size_lever()}) {
    EXPECT_EQ(lever->exploration, ExplorationClass::kNever);
    EXPECT_EQ(lever->mode, LeverMode::kShadow);
    EXPECT_FALSE(lever->applies(StageKind::kQuery));
    EXPECT_FALSE(lever->applies(StageKind::kCheck));
    EXPECT_TRUE(lever->applies(StageKind::kDecode));
  }
  EXPECT_EQ(stage_resources_lever().mode, LeverMode::kOn);
}

TEST(LeverContext, HoldsTheFeaturesInTheLeversOrder) {
  const Lever& lever = stage_resources_lever();
  const Context context = build_context(lever, stage_example());
  ASSERT_EQ(context.features.size(), lever.features.size());
  for (std::size_t i = 0; i < lever.features.size(); ++i) {
    EXPECT_EQ(context.features[i].name, lever.features[i]);
  }
  EXPECT_EQ(context.number("threads_total"), 8);
  EXPECT_EQ(context.features[0], (Feature{"kind", std::string("refresh")}));
}

TEST(LeverContext, LeavesOutWhatIsNotKnownBeforeTheRun) {
  StageContext stage = stage_example();
  EXPECT_EQ(feature("output_bytes_last", stage), std::nullopt);
  stage.output_bytes_last = 7;
  EXPECT_EQ(feature("output_bytes_last", stage), (Feature{"output_bytes_last", 7.0}));
}

TEST(LeverContextDeathTest, AbortsOnAFeatureThatOnlyARunCouldKnow) {
  EXPECT_DEATH(feature("wall_s", stage_example()), "does not exist");
}

TEST(StageKind, IsReadBackFromItsText) {
  for (const auto kind :
       {StageKind::kDecode, StageKind::kRefresh, StageKind::kCheck, StageKind::kQuery}) {
    EXPECT_EQ(parse_stage_kind(to_text(kind)).value(), kind);
  }
  EXPECT_EQ(parse_stage_kind("sleep").error().kind, base::ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace sluice::control
