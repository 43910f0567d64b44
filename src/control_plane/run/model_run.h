#pragma once

#include <memory>
#include <vector>

#include "sluice/control/stage_context.h"
#include "sluice/plan/freshness.h"
#include "sluice/quality/gate.h"
#include "sluice/run/run_context.h"
#include "sluice/run/staged_run.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

/// Brings one model's table up to date: stages what its tactic's SQL yields, has its expectations
/// judged on the staged files, and publishes them in one commit.
class ModelRun final : public StagedRun {
 public:
  ModelRun(RunContext& context, std::size_t model);

 private:
  base::Result<std::optional<Stage>> begin() override;
  base::Result<std::optional<Stage>> go_on(job::Answer answer) override;
  base::Result<std::optional<Stage>> check_staged();
  base::Result<std::optional<Stage>> judge(const job::CheckResult& counts);
  base::Status publish();
  base::Result<plan::InputSnapshots> current_inputs();
  base::Result<Stage> stage_refresh(const plan::InputSnapshots& inputs);
  void forget_unpublished() override;

  const project::Model& model_;
  const project::ModelAnalysis& analysis_;
  base::CommitId commit_;
  plan::PublishedState publishing_;
  WritePlan write_;
  std::vector<quality::Expectation> expectations_;
  metastore::Lease lease_;
};

}  // namespace sluice::run
