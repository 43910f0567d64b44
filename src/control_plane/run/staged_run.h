#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/job/stage_job.h"
#include "sluice/run/run_context.h"
#include "sluice/run/stage_ledger.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// The life of a run that stages files and publishes them: attempts are recorded, states follow the
/// transition table, and a run that does not publish leaves no files, unless its commit may have
/// happened. What is staged and how it is published is the subclass's.
class StagedRun : public TableRun {
 public:
  base::Result<std::optional<Stage>> advance(
      std::optional<base::Result<job::Response>> answer) final;
  base::Status skip(RunEvent event, const std::string& reason) final;
  const RunSummary& summary() const final { return summary_; }

 protected:
  StagedRun(RunContext& context, const std::string& table);

  /// Finds out what there is to do; returns the first stage, or nothing.
  virtual base::Result<std::optional<Stage>> begin() = 0;
  /// Goes on with the answer of the stage asked for last.
  virtual base::Result<std::optional<Stage>> go_on(job::Answer answer) = 0;
  /// Goes on after a stage that was a task.
  virtual base::Result<std::optional<Stage>> after_task();
  /// Takes what did not publish out of the summary.
  virtual void forget_unpublished() = 0;

  base::Status move(RunEvent event);
  /// Ends a run that has begun and will not publish, removing what it staged.
  base::Status end_unpublished(RunEvent event, const std::string& error);
  std::int64_t elapsed_us() const;

  RunContext& context_;
  RunSummary summary_;
  StageLedger ledger_;
  bool recorded_ = false;  // the run has a row that must be ended
  std::vector<job::StagedFile> staged_;

 private:
  base::Status fail(const base::Error& error);

  std::int64_t started_ns_ = 0;
  bool in_task_ = false;
};

}  // namespace sluice::run
