#pragma once

#include <cstddef>
#include <span>

#include "sluice/control/decision.h"
#include "sluice/control/stage_context.h"

namespace sluice::control {

/// What one job took in, and what it cost.
struct JobSample {
  double input_bytes = 0;
  double cost_s = 0;
};

/// Cost of a job as a line: what every job costs, and what each byte adds. The factors are how far
/// jobs were seen to stray from it, at least 1.
struct JobCost {
  double fixed_s = 0;
  double s_per_byte = 0;
  double slower_factor = 1;
  double faster_factor = 1;
  std::size_t samples = 0;  // 0: the stated constants of the stage's kind
};

/// The constants for a kind of stage of which nothing was measured, with a wide interval.
JobCost assumed_job_cost(StageKind kind);

/// Fits the line: least squares where sizes differ enough to tell both parts apart, else the
/// assumed fixed cost (less when jobs were quicker than that) and the median of the rest per byte.
/// Samples without bytes or cost are left out; without any the assumed cost is returned.
JobCost fit_job_cost(StageKind kind, std::span<const JobSample> samples);

/// Predicts what a job over so many bytes costs.
CostEstimate predict_job_cost(const JobCost& cost, double input_bytes);

}  // namespace sluice::control
