#include "sluice/run/stage_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::run {

namespace {

using base::Result;

constexpr std::int64_t kOwnAttempts = 20;
constexpr std::int64_t kAnybodysAttempts = 200;

// Parquet of text as it arrived, where nothing was measured.
constexpr double kAssumedDecodedShare = 0.4;

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", base::format_count(static_cast<std::int64_t>(count)), what,
                     count == 1 ? "" : "s");
}

plan::Range fit(control::StageKind kind, const std::vector<PastStage>& past,
                std::int64_t PastStage::* cost_us, std::int64_t input_bytes) {
  std::vector<control::JobSample> samples;
  for (const PastStage& stage : past) {
    samples.push_back({static_cast<double>(std::max<std::int64_t>(stage.input_bytes, 1)),
                       static_cast<double>(stage.*cost_us) / 1e6});
  }
  return plan::to_range(control::predict_job_cost(control::fit_job_cost(kind, samples),
                                                  static_cast<double>(input_bytes)));
}

/// Expects what is written to grow as what is read.
void expect_output(const std::vector<PastStage>& own, control::StageKind kind,
                   std::int64_t input_bytes, StagePrice& price) {
  const auto last = std::find_if(own.begin(), own.end(),
                                 [](const PastStage& stage) { return stage.input_bytes > 0; });
  if (last == own.end()) {
    const double share = kind == control::StageKind::kDecode ? kAssumedDecodedShare : 1;
    price.bytes_out = std::llround(static_cast<double>(input_bytes) * share);
    return;
  }
  const double growth = static_cast<double>(input_bytes) / static_cast<double>(last->input_bytes);
  price.bytes_out = std::llround(static_cast<double>(last->bytes_out) * growth);
  price.rows_out = std::llround(static_cast<double>(last->rows_out) * growth);
}

}  // namespace

Result<const std::vector<PastStage>*> StagePricer::anybodys(control::StageKind kind) {
  const auto found = anybodys_.find(kind);
  if (found != anybodys_.end()) {
    return &found->second;
  }
  SLUICE_ASSIGN_OR_RETURN(auto past,
                          records_.past_stages("", control::to_text(kind), kAnybodysAttempts));
  return &anybodys_.emplace(kind, std::move(past)).first->second;
}

Result<StagePrice> StagePricer::price(const std::string& table, control::StageKind kind,
                                      const std::string& template_id, std::int64_t input_bytes) {
  StagePrice price;
  SLUICE_ASSIGN_OR_RETURN(const auto own,
                          records_.past_stages(table, control::to_text(kind), kOwnAttempts));
  std::vector<PastStage> same;
  std::copy_if(own.begin(), own.end(), std::back_inserter(same), [&](const PastStage& stage) {
    return template_id.empty() || stage.template_id == template_id;
  });
  expect_output(same.empty() ? own : same, kind, input_bytes, price);
  const std::vector<PastStage>* past = &same;
  if (!same.empty()) {
    price.basis = fmt::format("{} of the same {}", counted(same.size(), "run"),
                              kind == control::StageKind::kDecode ? "source" : "statement");
  } else if (!own.empty()) {
    past = &own;
    price.basis = counted(own.size(), "run") + " of the table's earlier definitions";
  } else {
    SLUICE_ASSIGN_OR_RETURN(past, anybodys(kind));
    price.basis = past->empty() ? "bytes over a stated throughput: nothing was measured yet"
                                : fmt::format("bytes over this target's throughput in {}",
                                              counted(past->size(), "measured stage"));
  }
  price.cpu_s = fit(kind, *past, &PastStage::cpu_us, input_bytes);
  price.wall_s = past->empty() ? price.cpu_s : fit(kind, *past, &PastStage::wall_us, input_bytes);
  return price;
}

}  // namespace sluice::run
