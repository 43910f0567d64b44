#include "sluice/control/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"
#include "sluice/control/guard.h"
#include "sluice/control/levers.h"

namespace sluice::control {
namespace {

std::string with_nearest(std::string message, std::string_view word,
                         std::span<const std::string> known) {
  const std::string near = base::nearest(word, known);
  if (!near.empty()) {
    message += fmt::format("; did you mean '{}'?", near);
  }
  return message + fmt::format(" (known: {})", base::join(known, ", "));
}

std::string unknown_candidate(const Lever& lever, const std::string& name) {
  return with_nearest(fmt::format("lever '{}' has no candidate '{}'", lever.name, name), name,
                      lever.candidate_names);
}

base::Error nothing_legal(const Lever& lever, const StageContext& stage,
                          std::span<const Candidate> candidates) {
  std::vector<std::string> refusals;
  for (const Candidate& candidate : candidates) {
    refusals.push_back(fmt::format("{}: {}", candidate.name, candidate.refused_by()->refusal));
  }
  return base::exhausted(
      fmt::format("{}: lever '{}' has no legal candidate ({}); raise 'resources' in sluice.yaml",
                  stage.scope, lever.name, base::join(refusals, "; ")));
}

std::string reason_of(const Decision& decision, const std::optional<std::string>& force,
                      const DefaultChoice& default_choice) {
  const std::string& default_name = decision.candidates[default_choice.candidate].name;
  std::string reason = default_choice.reason;
  if (force && decision.guard.verdict == GuardVerdict::kVetoed) {
    reason = fmt::format("the project forces {}, which the guard vetoed; default {}: {}", *force,
                         default_name, default_choice.reason);
  } else if (force) {
    reason = fmt::format("the project forces {}; the default would be {}: {}", *force, default_name,
                         default_choice.reason);
  }
  if (decision.applied != decision.chosen) {
    reason += fmt::format("; shadow: recorded only, {} is used", default_name);
  }
  if (decision.mode == LeverMode::kOff) {
    reason += "; the lever is off";
  }
  return reason;
}

/// Settles `chosen` and the guard's verdict; candidates are checked already.
void apply_choice(const Lever& lever, const StageContext& stage,
                  const std::optional<std::string>& force, std::size_t default_candidate,
                  Decision& decision) {
  std::size_t wanted = default_candidate;
  decision.policy = kDefaultRulePolicy;
  if (force) {
    decision.policy = kForcedPolicy;
    const auto found =
        std::find_if(decision.candidates.begin(), decision.candidates.end(),
                     [&](const Candidate& candidate) { return candidate.name == *force; });
    if (found == decision.candidates.end()) {
      decision.chosen = default_candidate;
      decision.guard = {GuardVerdict::kVetoed,
                        fmt::format("{}; {} is used", unknown_candidate(lever, *force),
                                    decision.candidates[default_candidate].name)};
      return;
    }
    wanted = static_cast<std::size_t>(found - decision.candidates.begin());
  }
  const Guarded guarded =
      guard_choice(lever, stage, decision.candidates, wanted, default_candidate);
  decision.chosen = guarded.candidate;
  decision.guard = guarded.guard;
}

}  // namespace

LeverMode LeverPolicies::mode_of(const Lever& lever) const {
  const auto found = levers.find(lever.name);
  if (found != levers.end() && found->second.mode) {
    return *found->second.mode;
  }
  if (found != levers.end() && found->second.force) {
    return LeverMode::kOn;
  }
  return std::max(mode.value_or(lever.mode), lever.mode);
}

std::optional<std::string> LeverPolicies::force_of(const Lever& lever) const {
  const auto found = levers.find(lever.name);
  return found == levers.end() ? std::nullopt : found->second.force;
}

base::Status check_policies(const LeverPolicies& policies) {
  std::vector<std::string> names;
  for (const Lever& lever : all_levers()) {
    names.push_back(lever.name);
  }
  for (const auto& [name, policy] : policies.levers) {
    const Lever* lever = find_lever(name);
    if (lever == nullptr) {
      return base::invalid_input(
          with_nearest(fmt::format("optimizer.levers: there is no lever '{}'", name), name, names));
    }
    if (policy.force && std::find(lever->candidate_names.begin(), lever->candidate_names.end(),
                                  *policy.force) == lever->candidate_names.end()) {
      return base::invalid_input(fmt::format("optimizer.levers.{}.force: {}", name,
                                             unknown_candidate(*lever, *policy.force)));
    }
  }
  return {};
}

base::Result<Decision> choose(const Lever& lever, const StageContext& stage,
                              const LeverPolicies& policies, std::span<const PastOutcome> history,
                              std::uint64_t seed) {
  Decision decision;
  decision.lever = lever.name;
  decision.scope = stage.scope;
  decision.stage = to_text(stage.kind);
  decision.context = build_context(lever, stage);
  decision.mode = policies.mode_of(lever);
  decision.model_version = kCostModelVersion;
  decision.metric = lever.metric;
  decision.seed = seed;
  decision.candidates = lever.candidates(stage);
  check_constraints(lever, stage, decision.candidates);
  if (std::none_of(decision.candidates.begin(), decision.candidates.end(),
                   [](const Candidate& candidate) { return candidate.legal(); })) {
    return nothing_legal(lever, stage, decision.candidates);
  }
  const DefaultChoice default_choice = lever.default_rule(stage, decision.candidates);
  const std::optional<std::string> force = policies.force_of(lever);
  apply_choice(lever, stage, force, default_choice.candidate, decision);
  decision.applied =
      decision.mode == LeverMode::kShadow ? default_choice.candidate : decision.chosen;
  decision.reason = reason_of(decision, force, default_choice);

  const JobCost cost = estimate_job_cost(lever, stage.kind, history);
  for (Candidate& candidate : decision.candidates) {
    candidate.cost = predict_cost(lever, candidate.config, stage, cost);
  }
  return decision;
}

}  // namespace sluice::control
