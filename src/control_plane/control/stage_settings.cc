#include "sluice/control/stage_settings.h"

#include "sluice/control/decision_store.h"
#include "sluice/control/levers.h"
#include "sluice/control/setting_names.h"

namespace sluice::control {
namespace {

/// Takes over what the applied candidate sets.
void apply(const Config& config, StageSettings& settings) {
  if (const auto threads = config_int(config, kThreads)) {
    settings.threads = static_cast<int>(*threads);
  }
  if (const auto memory_bytes = config_int(config, kMemoryBytes)) {
    settings.memory_bytes = *memory_bytes;
  }
  if (const auto compression = config_text(config, kCompression)) {
    settings.compression = *compression;
  }
  if (const auto level = config_int(config, kCompressionLevel)) {
    settings.compression_level = static_cast<int>(*level);
  }
  if (const auto file_bytes = config_int(config, kFileBytesTarget)) {
    settings.file_bytes_target = *file_bytes;
  }
}

}  // namespace

base::Result<StageSettings> decide_stage(const StageContext& stage, const LeverPolicies& policies,
                                         DecisionStore& store, const base::Clock& clock,
                                         base::Random& random,
                                         const base::InvocationId& invocation) {
  StageSettings settings;
  std::vector<Decision> decisions;
  for (const Lever& lever : all_levers()) {
    if (!lever.applies(stage.kind)) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(const auto history, store.history(lever.name, stage.scope, stage.kind));
    SLUICE_ASSIGN_OR_RETURN(Decision decision,
                            choose(lever, stage, policies, history, random.next_u64()));
    decision.id = base::make_id<base::DecisionId>(clock, random);
    decision.decided_at = clock.now();
    decision.invocation = invocation;
    apply(decision.applied_candidate().config, settings);
    decisions.push_back(std::move(decision));
  }
  SLUICE_ASSIGN_OR_RETURN(settings.decisions, store.record(decisions));
  return settings;
}

}  // namespace sluice::control
