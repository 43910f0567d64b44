#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/control/stage_settings.h"
#include "sluice/run/run_context.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// What a stage wrote, for its trace.
struct StageOutput {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::int64_t files = 0;
};

/// Keeps the books of one run's stages: decides what each may use, traces every attempt, joins
/// outcomes to decisions, and says when an attempt that failed is worth another.
class StageLedger {
 public:
  StageLedger(RunContext& context, RunSummary& summary) : context_(context), summary_(summary) {}

  /// Decides the levers of a stage before its job is described.
  base::Result<control::StageSettings> decide(const control::StageContext& stage);

  /// Makes the stage: the job with the limits that were decided.
  Stage make_stage(std::string name, job::Job job, const control::StageContext& stage,
                   const control::StageSettings& settings, std::string template_id);

  /// Takes the answer of the last stage and records the attempt. Returns the same stage again when
  /// it failed in a way that another attempt may mend (kUnavailable: the worker died), at most
  /// kAttemptsMax times.
  base::Result<std::optional<Stage>> record(const base::Result<job::Response>& answer);

  static constexpr int kAttemptsMax = 3;

 private:
  struct Open {
    Stage stage;
    control::StageContext context;
    control::StageSettings settings;
    std::string template_id;
    int attempt = 1;
    base::Timestamp started_at;
  };

  /// DuckDB names its spill files alike in every process, so each attempt has a folder of its own.
  std::string spill_dir(const std::string& stage, int attempt) const;

  RunContext& context_;
  RunSummary& summary_;
  std::optional<Open> open_;
};

}  // namespace sluice::run
