#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/control/policy.h"
#include "sluice/control/stage_context.h"

namespace sluice::control {

class DecisionStore;

/// What a stage is to run with, and the decisions that say so. The three file settings matter only
/// to stages that write files; for the others no decision is taken about them.
struct StageSettings {
  int threads = 1;
  std::int64_t memory_bytes = 0;
  std::string compression;    // Parquet codec: zstd, snappy
  int compression_level = 0;  // 0: the codec has none
  std::int64_t file_bytes_target = 0;
  std::vector<base::DecisionId> decisions;  // join the stage's outcome to each
};

/// Decides every lever that applies to the stage and records the decisions in one transaction of
/// its own. Deterministic for the same stage, policies, stored history and seed of `random`.
/// kExhausted when the configured resources allow no candidate; else errors of the store.
base::Result<StageSettings> decide_stage(const StageContext& stage, const LeverPolicies& policies,
                                         DecisionStore& store, const base::Clock& clock,
                                         base::Random& random,
                                         const base::InvocationId& invocation);

}  // namespace sluice::control
