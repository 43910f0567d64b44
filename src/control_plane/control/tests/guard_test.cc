#include "sluice/control/guard.h"

#include <gtest/gtest.h>

#include "sluice/control/stage_context.h"

namespace sluice::control {
namespace {

/// A lever of one number: legal between 1 and the machine's threads, and never 13.
Lever number_lever() {
  Lever lever;
  lever.name = "number";
  lever.constraints = {
      {"resources",
       [](const Config& config, const StageContext& stage) {
         return *config_int(config, "n") <= stage.threads_total ? std::string() : "too many";
       }},
      {"lucky",
       [](const Config& config, const StageContext&) {
         return *config_int(config, "n") != 13 ? std::string() : "unlucky";
       }},
  };
  lever.clamp = [](Config& config, const StageContext& stage) -> std::string {
    if (*config_int(config, "n") <= stage.threads_total) {
      return "";
    }
    config = {{"n", std::int64_t{stage.threads_total}}};
    return "cut";
  };
  return lever;
}

std::vector<Candidate> numbers(std::initializer_list<std::int64_t> values) {
  std::vector<Candidate> candidates;
  for (const std::int64_t value : values) {
    candidates.push_back({"n" + std::to_string(value), {{"n", value}}, {}, {}});
  }
  return candidates;
}

StageContext machine(int threads) {
  StageContext stage;
  stage.threads_total = threads;
  return stage;
}

TEST(Guard, AllowsALegalCandidateUntouched) {
  const Lever lever = number_lever();
  auto candidates = numbers({1, 2});
  check_constraints(lever, machine(4), candidates);
  const Guarded guarded = guard_choice(lever, machine(4), candidates, 1, 0);
  EXPECT_EQ(guarded.candidate, 1u);
  EXPECT_EQ(guarded.guard, (Guard{GuardVerdict::kAllowed, ""}));
  EXPECT_EQ(config_int(candidates[1].config, "n"), 2);
}

TEST(Guard, ClampsToResourcesWhenThatMakesItLegal) {
  const Lever lever = number_lever();
  auto candidates = numbers({1, 9});
  check_constraints(lever, machine(4), candidates);
  const Guarded guarded = guard_choice(lever, machine(4), candidates, 1, 0);
  EXPECT_EQ(guarded.candidate, 1u);
  EXPECT_EQ(guarded.guard, (Guard{GuardVerdict::kClamped, "n9: cut"}));
  EXPECT_EQ(config_int(candidates[1].config, "n"), 4);
  EXPECT_TRUE(candidates[1].legal());
}

TEST(Guard, VetoesWhatClampingDoesNotMakeLegal) {
  const Lever lever = number_lever();
  auto candidates = numbers({1, 20});
  check_constraints(lever, machine(13), candidates);
  const Guarded guarded = guard_choice(lever, machine(13), candidates, 1, 0);
  EXPECT_EQ(guarded.candidate, 0u);
  EXPECT_EQ(guarded.guard,
            (Guard{GuardVerdict::kVetoed, "n20 breaks resources: too many; n1 is used"}));
  EXPECT_EQ(config_int(candidates[1].config, "n"), 20);
}

TEST(Guard, VetoesWhatHasNothingToClamp) {
  const Lever lever = number_lever();
  auto candidates = numbers({1, 13});
  check_constraints(lever, machine(20), candidates);
  const Guarded guarded = guard_choice(lever, machine(20), candidates, 1, 0);
  EXPECT_EQ(guarded.candidate, 0u);
  EXPECT_EQ(guarded.guard, (Guard{GuardVerdict::kVetoed, "n13 breaks lucky: unlucky; n1 is used"}));
}

TEST(Guard, VetoesAnIllegalCandidateOfALeverThatTakesNoResources) {
  Lever lever = number_lever();
  lever.clamp = nullptr;
  auto candidates = numbers({1, 9});
  check_constraints(lever, machine(4), candidates);
  const Guarded guarded = guard_choice(lever, machine(4), candidates, 1, 0);
  EXPECT_EQ(guarded.candidate, 0u);
  EXPECT_EQ(guarded.guard.verdict, GuardVerdict::kVetoed);
}

TEST(Guard, RecordsEveryCheckOfEveryCandidate) {
  const Lever lever = number_lever();
  auto candidates = numbers({13});
  check_constraints(lever, machine(4), candidates);
  EXPECT_EQ(candidates[0].checks,
            (std::vector<ConstraintCheck>{{"resources", "too many"}, {"lucky", "unlucky"}}));
}

TEST(GuardDeathTest, AbortsWhenItsFallbackIsIllegal) {
  const Lever lever = number_lever();
  auto candidates = numbers({13, 1});
  check_constraints(lever, machine(20), candidates);
  EXPECT_DEATH(guard_choice(lever, machine(20), candidates, 1, 0), "fallback must be legal");
}

}  // namespace
}  // namespace sluice::control
