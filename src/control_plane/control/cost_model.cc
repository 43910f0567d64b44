#include "sluice/control/cost_model.h"

#include <algorithm>
#include <vector>

#include "sluice/base/check.h"

namespace sluice::control {

JobCost estimate_job_cost(const Lever& lever, StageKind kind,
                          std::span<const PastOutcome> history) {
  std::vector<JobSample> samples;
  for (const PastOutcome& past : history.first(std::min(history.size(), kHistoryMax))) {
    const std::optional<double> factor = lever.work_factor(past.applied);
    const Outcome& outcome = past.outcome;
    if (factor && outcome.ok) {
      samples.push_back({static_cast<double>(outcome.input_bytes) * *factor, outcome.cpu_s});
    }
  }
  return fit_job_cost(kind, samples);
}

CostEstimate predict_cost(const Lever& lever, const Config& config, const StageContext& stage,
                          const JobCost& cost) {
  const std::optional<double> factor = lever.work_factor(config);
  SLUICE_CHECK(factor.has_value(), "a lever must know the work of its own candidates");
  const double bytes = static_cast<double>(std::max<std::int64_t>(stage.input_bytes, 0));
  return predict_job_cost(cost, bytes * *factor / lever.speedup(config));
}

}  // namespace sluice::control
