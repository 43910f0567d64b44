#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/check.h"
#include "sluice/base/text.h"
#include "sluice/control/internal/size_class.h"
#include "sluice/control/levers.h"
#include "sluice/control/setting_names.h"

namespace sluice::control {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
// DuckDB's own advice: a thread with less than this spills or fails.
constexpr std::int64_t kMemoryPerThreadMin = 128 * kMiB;
constexpr std::int64_t kSmallMemory = 256 * kMiB;
// Below this a second thread waits for its first row group longer than it works.
constexpr std::int64_t kInputBytesPerThread = 16 * kMiB;
// Decoded columns and hash tables against the compressed bytes they come from.
constexpr std::int64_t kMemoryPerInputByte = 8;
// Gain of each further thread against the first.
constexpr double kThreadGain = 0.85;

constexpr const char* kSmall = "small";
constexpr const char* kHalf = "half";
constexpr const char* kShare = "share";
constexpr const char* kAll = "all";

struct Resources {
  std::int64_t threads;
  std::int64_t memory_bytes;
};

Resources resources_of(const Config& config) {
  const auto threads = config_int(config, kThreads);
  const auto memory_bytes = config_int(config, kMemoryBytes);
  SLUICE_CHECK(threads && memory_bytes, "a stage_resources config has threads and memory");
  return {*threads, *memory_bytes};
}

Config to_config(const Resources& resources) {
  return {{kThreads, resources.threads}, {kMemoryBytes, resources.memory_bytes}};
}

/// How many stages are to run side by side: as many as wait, while each gets a thread and its
/// floor.
std::int64_t stages_side_by_side(const StageContext& stage) {
  const std::int64_t by_memory = stage.memory_total_bytes / kMemoryPerThreadMin;
  const std::int64_t room = std::min<std::int64_t>(stage.threads_total, by_memory);
  return std::clamp<std::int64_t>(std::int64_t{1} + stage.jobs_waiting, 1,
                                  std::max<std::int64_t>(room, 1));
}

/// An equal part of the machine, with no more threads than its memory can feed.
Resources fair_share(const StageContext& stage) {
  const std::int64_t stages = stages_side_by_side(stage);
  const std::int64_t memory_bytes = stage.memory_total_bytes / stages;
  const std::int64_t threads =
      std::min(stage.threads_total / stages, memory_bytes / kMemoryPerThreadMin);
  return {std::max<std::int64_t>(threads, 1), memory_bytes};
}

Resources wanted(const StageContext& stage) {
  const std::int64_t input_bytes = std::max<std::int64_t>(stage.input_bytes, 0);
  const std::int64_t threads = input_bytes / kInputBytesPerThread + 1;
  const std::int64_t memory_cap = stage.memory_total_bytes / kMemoryPerInputByte;
  return {std::clamp<std::int64_t>(threads, 1, std::max(stage.threads_total, 1)),
          std::min(input_bytes, memory_cap) * kMemoryPerInputByte};
}

std::vector<Candidate> candidates(const StageContext& stage) {
  const Resources small = {1, kSmallMemory};
  const Resources half = {std::max(stage.threads_total / 2, 1), stage.memory_total_bytes / 2};
  const Resources all = {stage.threads_total, stage.memory_total_bytes};
  return {{kSmall, to_config(small), {}, {}},
          {kHalf, to_config(half), {}, {}},
          {kShare, to_config(fair_share(stage)), {}, {}},
          {kAll, to_config(all), {}, {}}};
}

std::string over_threads(const Config& config, const StageContext& stage) {
  const std::int64_t threads = resources_of(config).threads;
  if (threads < 1) {
    return "a stage needs a thread";
  }
  return threads <= stage.threads_total
             ? ""
             : fmt::format("{} threads, {} configured", threads, stage.threads_total);
}

std::string over_memory(const Config& config, const StageContext& stage) {
  const std::int64_t memory_bytes = resources_of(config).memory_bytes;
  return memory_bytes <= stage.memory_total_bytes
             ? ""
             : fmt::format("{}, {} configured", base::format_bytes(memory_bytes),
                           base::format_bytes(stage.memory_total_bytes));
}

std::string under_floor(const Config& config, const StageContext&) {
  const Resources resources = resources_of(config);
  const std::int64_t floor_bytes = resources.threads * kMemoryPerThreadMin;
  return resources.memory_bytes >= floor_bytes
             ? ""
             : fmt::format("{} for {} thread(s), at least {} needed",
                           base::format_bytes(resources.memory_bytes), resources.threads,
                           base::format_bytes(floor_bytes));
}

std::string clamp(Config& config, const StageContext& stage) {
  const Resources before = resources_of(config);
  const Resources after = {std::min<std::int64_t>(before.threads, stage.threads_total),
                           std::min(before.memory_bytes, stage.memory_total_bytes)};
  config = to_config(after);
  std::vector<std::string> cuts;
  if (after.threads != before.threads) {
    cuts.push_back(fmt::format("{} threads cut to {}", before.threads, after.threads));
  }
  if (after.memory_bytes != before.memory_bytes) {
    cuts.push_back(fmt::format("{} cut to {}", base::format_bytes(before.memory_bytes),
                               base::format_bytes(after.memory_bytes)));
  }
  return base::join(cuts, ", ");
}

std::string reason_for(const StageContext& stage, const Resources& chosen) {
  const Resources want = wanted(stage);
  std::string reason =
      base::format_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(stage.input_bytes, 0))) +
      " input: ";
  reason +=
      want.threads == 1 ? "one thread is enough" : fmt::format("worth {} threads", want.threads);
  if (stage.jobs_waiting > 0) {
    reason += fmt::format("; {} job{} wait{}", stage.jobs_waiting,
                          stage.jobs_waiting == 1 ? "" : "s", stage.jobs_waiting == 1 ? "s" : "");
  }
  if (chosen.threads < want.threads) {
    reason +=
        stages_side_by_side(stage) > 1
            ? fmt::format(", so it gets {} of {} threads", chosen.threads, stage.threads_total)
            : fmt::format("; {} of memory feeds {}", base::format_bytes(stage.memory_total_bytes),
                          chosen.threads);
  }
  return reason;
}

/// Takes the least candidate within the fair share that does what the input is worth, else the
/// largest within the share.
DefaultChoice default_rule(const StageContext& stage, std::span<const Candidate> offered) {
  const Resources share = fair_share(stage);
  const Resources want = wanted(stage);
  std::optional<std::size_t> enough;
  std::optional<std::size_t> largest;
  const auto less = [&](std::size_t a, std::size_t b) {
    const Resources left = resources_of(offered[a].config);
    const Resources right = resources_of(offered[b].config);
    return std::pair(left.threads, left.memory_bytes) <
           std::pair(right.threads, right.memory_bytes);
  };
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const Resources resources = resources_of(offered[i].config);
    if (!offered[i].legal() || resources.threads > share.threads ||
        resources.memory_bytes > share.memory_bytes) {
      continue;
    }
    const bool does =
        resources.threads >= want.threads && resources.memory_bytes >= want.memory_bytes;
    if (does && (!enough || less(i, *enough))) {
      enough = i;
    }
    if (!largest || less(*largest, i)) {
      largest = i;
    }
  }
  SLUICE_CHECK(largest, "the fair share is legal whenever any candidate is");
  const std::size_t chosen = enough.value_or(*largest);
  return {chosen, reason_for(stage, resources_of(offered[chosen].config))};
}

std::string bucket(const StageContext& stage) {
  return fmt::format("input {}; 1 of {} side by side; {} threads, {}",
                     size_class(stage.input_bytes), stages_side_by_side(stage), stage.threads_total,
                     base::format_bytes(static_cast<std::uint64_t>(stage.memory_total_bytes)));
}

double speedup(const Config& config) {
  return 1 + kThreadGain * static_cast<double>(resources_of(config).threads - 1);
}

Lever make_lever() {
  Lever lever;
  lever.name = "stage_resources";
  lever.features = {"kind",         "input_bytes",   "input_rows",        "input_files",
                    "jobs_waiting", "threads_total", "memory_total_bytes"};
  lever.candidate_names = {kSmall, kHalf, kShare, kAll};
  lever.applies = [](StageKind) { return true; };
  lever.bucket = bucket;
  lever.candidates = candidates;
  lever.constraints = {{"threads_configured", over_threads},
                       {"memory_configured", over_memory},
                       {"memory_per_thread", under_floor}};
  lever.default_rule = default_rule;
  lever.clamp = clamp;
  lever.work_factor = [](const Config&) { return std::optional<double>(1); };
  lever.speedup = speedup;
  lever.metric = OutcomeMetric::kWallSeconds;
  lever.exploration = ExplorationClass::kBounded;
  lever.mode = LeverMode::kOn;
  return lever;
}

}  // namespace

const Lever& stage_resources_lever() {
  static const Lever kLever = make_lever();
  return kLever;
}

}  // namespace sluice::control
