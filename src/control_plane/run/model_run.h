#pragma once

#include <memory>
#include <vector>

#include "sluice/control/stage_context.h"
#include "sluice/plan/freshness.h"
#include "sluice/quality/gate.h"
#include "sluice/run/run_context.h"
#include "sluice/run/stage_ledger.h"
#include "sluice/run/table_files.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// Brings one model's table up to date: stages what its tactic's SQL yields, has its expectations
/// judged on the staged files, and publishes them in one commit.
class ModelRun final : public TableRun {
 public:
  ModelRun(RunContext& context, std::size_t model);

  base::Result<std::optional<Stage>> advance(
      std::optional<base::Result<job::Response>> answer) override;
  base::Status skip(RunEvent event, const std::string& reason) override;
  const RunSummary& summary() const override { return summary_; }

 private:
  base::Result<std::optional<Stage>> begin();
  base::Result<std::optional<Stage>> go_on(const job::Response& response);
  base::Result<std::optional<Stage>> check_staged();
  base::Result<std::optional<Stage>> judge(const job::CheckResult& counts);
  base::Status publish();
  base::Status fail(const base::Error& error);
  base::Status end_unpublished(RunEvent event, const std::string& error);
  base::Result<plan::InputSnapshots> current_inputs();
  base::Result<Stage> stage_refresh(const plan::InputSnapshots& inputs);
  base::Status move(RunEvent event);

  RunContext& context_;
  const project::Model& model_;
  const project::ModelAnalysis& analysis_;
  RunSummary summary_;
  StageLedger ledger_;
  std::int64_t started_ns_ = 0;
  bool recorded_ = false;
  base::CommitId commit_;
  plan::PublishedState publishing_;
  WritePlan write_;
  std::vector<job::StagedFile> staged_;
  std::vector<quality::Expectation> expectations_;
  metastore::Lease lease_;
};

}  // namespace sluice::run
