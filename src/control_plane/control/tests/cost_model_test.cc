#include "sluice/control/cost_model.h"

#include <gtest/gtest.h>

#include "sluice/control/levers.h"
#include "sluice/control/setting_names.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

Config zstd3() { return {{kCompression, "zstd"}, {kCompressionLevel, std::int64_t{3}}}; }
Config snappy() { return {{kCompression, "snappy"}, {kCompressionLevel, std::int64_t{0}}}; }

/// An attempt that got `mb` megabytes through in one CPU second.
PastOutcome attempt(double mb, const Config& config = zstd3()) {
  Outcome outcome;
  outcome.input_bytes = static_cast<std::int64_t>(mb * 1e6);
  outcome.cpu_s = 1;
  outcome.wall_s = 1;
  return {config, outcome};
}

TEST(CostModel, StatesAConstantWithAWideIntervalWithoutHistory) {
  const Lever& lever = compression_lever();
  const JobCost unmeasured = estimate_job_cost(lever, StageKind::kRefresh, {});
  EXPECT_EQ(unmeasured.samples, 0u);
  StageContext stage = stage_example();
  stage.input_bytes = 50'000'000;
  const CostEstimate cost = predict_cost(lever, zstd3(), stage, unmeasured);
  EXPECT_DOUBLE_EQ(cost.predicted_s, 1.02);
  EXPECT_DOUBLE_EQ(cost.low_s, 1.02 / 4);
  EXPECT_DOUBLE_EQ(cost.high_s, 1.02 * 4);
}

TEST(CostModel, NarrowsTheIntervalAsEqualMeasurementsCome) {
  const std::vector<PastOutcome> history(10, attempt(30));
  double last = 4;
  for (const std::size_t samples : {1u, 2u, 10u}) {
    const JobCost cost = estimate_job_cost(compression_lever(), StageKind::kRefresh,
                                           std::span(history).first(samples));
    EXPECT_LT(cost.slower_factor, last);
    EXPECT_GT(cost.slower_factor, 1);
    last = cost.slower_factor;
  }
}

TEST(CostModel, CountsAMeasurementUnderAnotherCodecForTheDefault) {
  const std::vector<PastOutcome> history = {attempt(100, snappy())};
  const JobCost cost = estimate_job_cost(compression_lever(), StageKind::kRefresh, history);
  EXPECT_NEAR(1 / cost.s_per_byte, 83e6 / 0.98, 1);
}

TEST(CostModel, LeavesOutFailedEmptyAndUnknownAttempts) {
  PastOutcome failed = attempt(10);
  failed.outcome.ok = false;
  PastOutcome empty = attempt(0);
  PastOutcome unmeasured = attempt(10);
  unmeasured.outcome.cpu_s = 0;
  const PastOutcome unknown = attempt(10, {{kCompression, "gzip"}});
  const std::vector<PastOutcome> history = {failed, empty, unmeasured, unknown};
  EXPECT_EQ(estimate_job_cost(compression_lever(), StageKind::kRefresh, history).samples, 0u);
}

TEST(CostModel, LooksAtNoMoreThanTheLastAttempts) {
  std::vector<PastOutcome> history(kHistoryMax, attempt(10));
  history.resize(10 * kHistoryMax, attempt(1000));
  const JobCost cost = estimate_job_cost(compression_lever(), StageKind::kRefresh, history);
  EXPECT_EQ(cost.samples, kHistoryMax);
}

TEST(CostModel, PricesAnEmptyInputAtWhatEveryJobCosts) {
  StageContext stage = stage_example();
  stage.input_bytes = 0;
  const JobCost cost = estimate_job_cost(compression_lever(), stage.kind, {});
  EXPECT_DOUBLE_EQ(predict_cost(compression_lever(), zstd3(), stage, cost).predicted_s,
                   cost.fixed_s);
}

}  // namespace
}  // namespace sluice::control
