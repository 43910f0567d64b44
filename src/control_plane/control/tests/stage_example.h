#pragma once

#include <cstdint>

#include "sluice/control/stage_context.h"

namespace sluice::control {

inline constexpr std::int64_t kTestMiB = std::int64_t{1} << 20;
inline constexpr std::int64_t kTestGiB = std::int64_t{1} << 30;

/// A refresh of 12 MiB on a machine of 8 threads and 8 GiB, with nothing waiting.
inline StageContext stage_example() {
  StageContext stage;
  stage.scope = "gold.delays";
  stage.kind = StageKind::kRefresh;
  stage.input_bytes = 12 * kTestMiB;
  stage.input_rows = 100'000;
  stage.input_files = 1;
  stage.threads_total = 8;
  stage.memory_total_bytes = 8 * kTestGiB;
  return stage;
}

}  // namespace sluice::control
