#pragma once

#include <string>
#include <vector>

#include "sluice/run/quarantine_records.h"
#include "sluice/run/staged_run.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

/// Which quarantined records of a source are accepted as lost (or, with `undo`, no longer are), by
/// whom and why.
struct WaiveOrder {
  std::size_t source = 0;
  QuarantineFilter filter;
  QuarantineSurvey survey;  // of that filter, over the table as it is
  bool undo = false;
  std::string by;
  std::string note;
};

/// Marks quarantined records of one source as waived, or as open again: their rows are rewritten
/// and the ledger's counts move in one commit.
class WaiveRun final : public StagedRun {
 public:
  WaiveRun(RunContext& context, WaiveOrder order);

 private:
  base::Result<std::optional<Stage>> begin() override;
  base::Result<Stage> stage_rewrite();
  base::Result<std::optional<Stage>> go_on(job::Answer answer) override;
  base::Status publish();
  void forget_unpublished() override;

  const WaiveOrder order_;
  const project::Source& source_;
  metastore::Lease lease_;
  base::CommitId commit_;
  WritePlan quarantine_;
};

}  // namespace sluice::run
