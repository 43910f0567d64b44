#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "sluice/control/decision.h"
#include "sluice/control/lever.h"
#include "sluice/control/stage_context.h"

namespace sluice::control {

/// The measured cost of one past attempt, with the config it ran under.
struct PastOutcome {
  Config applied;
  Outcome outcome;
};

/// Identifies this model in decisions; changes with its formula or constants.
inline constexpr const char* kCostModelVersion = "analytic-1";

/// Past attempts that the model looks at, newest first.
inline constexpr std::size_t kHistoryMax = 20;

/// Bytes that one thread gets through in a CPU second under the lever's shipped default, with the
/// factor by which attempts were seen to stray from it.
struct Throughput {
  double bytes_per_cpu_s = 0;
  double slower_factor = 1;  // at least 1
  double faster_factor = 1;  // at least 1
  std::size_t samples = 0;   // 0: the stated constant of the stage's kind
};

/// Takes the median over successful past attempts of the same scope and stage kind; without any,
/// the kind's constant with a wide interval.
Throughput estimate_throughput(const Lever& lever, StageKind kind,
                               std::span<const PastOutcome> history);

/// Predicts seconds = input bytes × work factor / (bytes per CPU second × speed-up).
CostEstimate predict_cost(const Lever& lever, const Config& config, const StageContext& stage,
                          const Throughput& throughput);

}  // namespace sluice::control
