#include "sluice/control/job_cost.h"

#include <algorithm>
#include <vector>

#include "sluice/control/internal/median.h"

namespace sluice::control {

namespace {

constexpr double kMB = 1e6;

// Where nothing was measured yet. Input bytes are raw text for a decode, Parquet for the rest. A
// job sets a database up, opens its files and syncs what it wrote, whatever their size.
constexpr double kFixedS = 0.02;
constexpr double kDecodeBytesPerCpuS = 100 * kMB;
constexpr double kRefreshBytesPerCpuS = 50 * kMB;
constexpr double kCheckBytesPerCpuS = 200 * kMB;
constexpr double kQueryBytesPerCpuS = 100 * kMB;
constexpr double kUnmeasuredFactor = 4;

// Of the quickest job seen, at least this part is taken for work on bytes.
constexpr double kFixedShareMax = 0.9;
// Sizes tell the two parts apart when the largest is so many times the smallest.
constexpr double kSpreadMin = 4;
constexpr std::size_t kSamplesForLine = 3;

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

/// A sample of n jobs is trusted 1 + 1/n beyond its own extremes.
double small_sample_factor(std::size_t samples) { return 1 + 1 / static_cast<double>(samples); }

/// Least squares; false when the sizes are too alike or the line makes no sense.
bool fit_line(const std::vector<JobSample>& samples, JobCost& cost) {
  const auto [smallest, largest] = std::minmax_element(
      samples.begin(), samples.end(),
      [](const JobSample& a, const JobSample& b) { return a.input_bytes < b.input_bytes; });
  if (samples.size() < kSamplesForLine ||
      largest->input_bytes < kSpreadMin * smallest->input_bytes) {
    return false;
  }
  const auto count = static_cast<double>(samples.size());
  double mean_bytes = 0;
  double mean_s = 0;
  for (const JobSample& sample : samples) {
    mean_bytes += sample.input_bytes / count;
    mean_s += sample.cost_s / count;
  }
  double covariance = 0;
  double variance = 0;
  for (const JobSample& sample : samples) {
    covariance += (sample.input_bytes - mean_bytes) * (sample.cost_s - mean_s);
    variance += (sample.input_bytes - mean_bytes) * (sample.input_bytes - mean_bytes);
  }
  cost.s_per_byte = covariance / variance;
  cost.fixed_s = mean_s - cost.s_per_byte * mean_bytes;
  return cost.s_per_byte > 0 && cost.fixed_s >= 0;
}

void fit_rest_per_byte(const std::vector<JobSample>& samples, JobCost& cost) {
  double quickest_s = samples.front().cost_s;
  for (const JobSample& sample : samples) {
    quickest_s = std::min(quickest_s, sample.cost_s);
  }
  cost.fixed_s = std::min(kFixedS, kFixedShareMax * quickest_s);
  std::vector<double> rates;
  for (const JobSample& sample : samples) {
    rates.push_back((sample.cost_s - cost.fixed_s) / sample.input_bytes);
  }
  cost.s_per_byte = median(rates);
}

}  // namespace

JobCost assumed_job_cost(StageKind kind) {
  return {kFixedS, 1 / assumed_bytes_per_cpu_s(kind), kUnmeasuredFactor, kUnmeasuredFactor, 0};
}

JobCost fit_job_cost(StageKind kind, std::span<const JobSample> samples) {
  std::vector<JobSample> sound;
  for (const JobSample& sample : samples) {
    if (sample.input_bytes > 0 && sample.cost_s > 0) {
      sound.push_back(sample);
    }
  }
  if (sound.empty()) {
    return assumed_job_cost(kind);
  }
  JobCost cost;
  cost.samples = sound.size();
  if (!fit_line(sound, cost)) {
    fit_rest_per_byte(sound, cost);
  }
  for (const JobSample& sample : sound) {
    const double ratio = sample.cost_s / (cost.fixed_s + cost.s_per_byte * sample.input_bytes);
    cost.slower_factor = std::max(cost.slower_factor, ratio);
    cost.faster_factor = std::max(cost.faster_factor, 1 / ratio);
  }
  cost.slower_factor *= small_sample_factor(sound.size());
  cost.faster_factor *= small_sample_factor(sound.size());
  return cost;
}

CostEstimate predict_job_cost(const JobCost& cost, double input_bytes) {
  const double predicted_s = cost.fixed_s + cost.s_per_byte * std::max(input_bytes, 0.0);
  return {predicted_s, predicted_s / cost.faster_factor, predicted_s * cost.slower_factor};
}

}  // namespace sluice::control
