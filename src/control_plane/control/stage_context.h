#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::control {

enum class StageKind {
  kDecode,   // a landed batch becomes bronze files
  kRefresh,  // a model's SQL writes its table's files
  kCheck,    // expectations are judged; nothing is written
  kQuery,    // rows go to a reader; nothing is written
};

std::string_view to_text(StageKind kind);
base::Result<StageKind> parse_stage_kind(std::string_view text);

/// Says whether such a stage writes table files.
bool writes_files(StageKind kind);

/// Everything a lever may know about a stage, all of it before the stage runs. Results of a run are
/// `Outcome`s: a lever reads features from this type alone, so none can reach a decision.
struct StageContext {
  std::string scope;  // table or source
  StageKind kind = StageKind::kRefresh;
  bool is_bronze = false;
  std::int64_t input_bytes = 0;
  std::int64_t input_rows = 0;
  std::int64_t input_files = 0;
  std::optional<std::int64_t> output_bytes_last;  // of this table's last published run
  int jobs_waiting = 0;                           // other stages ready to start now
  int threads_total = 1;                          // resources.threads
  std::int64_t memory_total_bytes = 0;            // resources.memory that may be granted to jobs
};

}  // namespace sluice::control
