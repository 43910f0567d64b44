#include "sluice/control/cost_model.h"

#include <algorithm>
#include <vector>

#include "sluice/base/check.h"
#include "sluice/control/internal/median.h"

namespace sluice::control {
namespace {

constexpr double kMB = 1e6;

// Where nothing was measured yet. Input bytes are raw text for a decode, Parquet for the rest.
constexpr double kDecodeBytesPerCpuS = 100 * kMB;
constexpr double kRefreshBytesPerCpuS = 50 * kMB;
constexpr double kCheckBytesPerCpuS = 200 * kMB;
constexpr double kQueryBytesPerCpuS = 100 * kMB;
constexpr double kUnmeasuredFactor = 4;

// A sample of n attempts is trusted 1 + 1/n beyond its own extremes.
double small_sample_factor(std::size_t samples) { return 1 + 1 / static_cast<double>(samples); }

double assumed_bytes_per_cpu_s(StageKind kind) {
  switch (kind) {
    case StageKind::kDecode:
      return kDecodeBytesPerCpuS;
    case StageKind::kRefresh:
      return kRefreshBytesPerCpuS;
    case StageKind::kCheck:
      return kCheckBytesPerCpuS;
    case StageKind::kQuery:
      return kQueryBytesPerCpuS;
  }
  return kRefreshBytesPerCpuS;
}

}  // namespace

Throughput estimate_throughput(const Lever& lever, StageKind kind,
                               std::span<const PastOutcome> history) {
  std::vector<double> samples;
  for (const PastOutcome& past : history.first(std::min(history.size(), kHistoryMax))) {
    const std::optional<double> factor = lever.work_factor(past.applied);
    const Outcome& outcome = past.outcome;
    if (factor && outcome.ok && outcome.input_bytes > 0 && outcome.cpu_s > 0) {
      samples.push_back(static_cast<double>(outcome.input_bytes) * *factor / outcome.cpu_s);
    }
  }
  if (samples.empty()) {
    return {assumed_bytes_per_cpu_s(kind), kUnmeasuredFactor, kUnmeasuredFactor, 0};
  }
  const double middle = median(samples);
  const auto [slowest, fastest] = std::minmax_element(samples.begin(), samples.end());
  const double factor = small_sample_factor(samples.size());
  return {middle, middle / *slowest * factor, *fastest / middle * factor, samples.size()};
}

CostEstimate predict_cost(const Lever& lever, const Config& config, const StageContext& stage,
                          const Throughput& throughput) {
  const std::optional<double> factor = lever.work_factor(config);
  SLUICE_CHECK(factor.has_value(), "a lever must know the work of its own candidates");
  const double bytes = static_cast<double>(std::max<std::int64_t>(stage.input_bytes, 0));
  const double cost_s = bytes * *factor / (throughput.bytes_per_cpu_s * lever.speedup(config));
  return {cost_s, cost_s / throughput.faster_factor, cost_s * throughput.slower_factor};
}

}  // namespace sluice::control
