#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "sluice/control/decision.h"
#include "sluice/control/job_cost.h"
#include "sluice/control/lever.h"
#include "sluice/control/stage_context.h"

namespace sluice::control {

/// The measured cost of one past attempt, with the config it ran under.
struct PastOutcome {
  Config applied;
  Outcome outcome;
};

/// Identifies this model in decisions; changes with its formula or constants.
inline constexpr const char* kCostModelVersion = "analytic-2";

/// Past attempts that the model looks at, newest first.
inline constexpr std::size_t kHistoryMax = 20;

/// Fits what jobs of the lever's shipped default cost over successful past attempts of the same
/// scope and stage kind.
JobCost estimate_job_cost(const Lever& lever, StageKind kind, std::span<const PastOutcome> history);

/// Predicts seconds = fixed + input bytes × work factor × seconds per byte / speed-up.
CostEstimate predict_cost(const Lever& lever, const Config& config, const StageContext& stage,
                          const JobCost& cost);

}  // namespace sluice::control
