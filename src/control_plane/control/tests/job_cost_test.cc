#include "sluice/control/job_cost.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::control {
namespace {

constexpr double kMB = 1e6;

TEST(JobCost, StatesConstantsWithoutHistory) {
  const JobCost cost = fit_job_cost(StageKind::kRefresh, {});
  EXPECT_EQ(cost.samples, 0u);
  EXPECT_NEAR(predict_job_cost(cost, 50 * kMB).predicted_s, 1.0, 0.1);
  EXPECT_GT(predict_job_cost(cost, 0).predicted_s, 0);
}

TEST(JobCost, TellsTheFixedPartFromTheBytes) {
  std::vector<JobSample> samples;
  for (const double mb : {1.0, 10.0, 100.0}) {
    samples.push_back({mb * kMB, 0.05 + mb * 0.01});
  }
  const JobCost cost = fit_job_cost(StageKind::kRefresh, samples);
  EXPECT_NEAR(cost.fixed_s, 0.05, 1e-9);
  EXPECT_NEAR(predict_job_cost(cost, 1000 * kMB).predicted_s, 10.05, 1e-6);
}

TEST(JobCost, DoesNotLetASmallJobSpeakForLargeOnes) {
  const std::vector<JobSample> samples = {{1000, 0.02}};
  const JobCost cost = fit_job_cost(StageKind::kRefresh, samples);
  EXPECT_LE(cost.fixed_s, 0.02);
  EXPECT_GE(cost.fixed_s, 0.015);
  EXPECT_NEAR(predict_job_cost(cost, 1000).predicted_s, 0.02, 1e-9);
}

TEST(JobCost, HoldsEveryAttemptInItsInterval) {
  const std::vector<JobSample> samples = {{kMB, 0.1}, {kMB, 0.2}, {kMB, 0.4}};
  const CostEstimate estimate = predict_job_cost(fit_job_cost(StageKind::kDecode, samples), kMB);
  EXPECT_LE(estimate.low_s, 0.1);
  EXPECT_GE(estimate.high_s, 0.4);
}

TEST(JobCost, LeavesOutWhatMeasuresNothing) {
  const std::vector<JobSample> samples = {{0, 1}, {10, 0}};
  EXPECT_EQ(fit_job_cost(StageKind::kQuery, samples).samples, 0u);
}

}  // namespace
}  // namespace sluice::control
