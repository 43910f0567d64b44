#include "sluice/control/guard.h"

#include <fmt/format.h>

#include "sluice/base/check.h"

namespace sluice::control {
namespace {

std::vector<ConstraintCheck> checks_of(const Lever& lever, const Config& config,
                                       const StageContext& stage) {
  std::vector<ConstraintCheck> checks;
  for (const Constraint& constraint : lever.constraints) {
    checks.push_back({constraint.name, constraint.refusal(config, stage)});
  }
  return checks;
}

}  // namespace

void check_constraints(const Lever& lever, const StageContext& stage,
                       std::span<Candidate> candidates) {
  for (Candidate& candidate : candidates) {
    candidate.checks = checks_of(lever, candidate.config, stage);
  }
}

Guarded guard_choice(const Lever& lever, const StageContext& stage, std::span<Candidate> candidates,
                     std::size_t wanted, std::size_t fallback) {
  SLUICE_CHECK(wanted < candidates.size() && fallback < candidates.size(), "no such candidate");
  SLUICE_CHECK(candidates[fallback].legal(), "the guard's fallback must be legal");
  Candidate& candidate = candidates[wanted];
  if (candidate.legal()) {
    return {wanted, {GuardVerdict::kAllowed, ""}};
  }
  if (lever.clamp) {
    Candidate cut = candidate;
    const std::string what = lever.clamp(cut.config, stage);
    cut.checks = checks_of(lever, cut.config, stage);
    if (!what.empty() && cut.legal()) {
      candidate = std::move(cut);
      return {wanted, {GuardVerdict::kClamped, fmt::format("{}: {}", candidate.name, what)}};
    }
  }
  const ConstraintCheck* refused = candidate.refused_by();
  return {fallback,
          {GuardVerdict::kVetoed,
           fmt::format("{} breaks {}: {}; {} is used", candidate.name, refused->constraint,
                       refused->refusal, candidates[fallback].name)}};
}

}  // namespace sluice::control
