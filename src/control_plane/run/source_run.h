#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sluice/job/decode_job.h"
#include "sluice/quality/gate.h"
#include "sluice/run/database_intake.h"
#include "sluice/run/run_context.h"
#include "sluice/run/source_intake.h"
#include "sluice/run/staged_run.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

/// Takes in what a source has: lands its files, or an extract of its database table, decodes and
/// judges them batch by batch, and publishes good rows, quarantined rows and the source's position
/// in one commit per batch.
class SourceRun final : public StagedRun {
 public:
  SourceRun(RunContext& context, std::size_t source);

 private:
  base::Result<std::optional<Stage>> begin() override;
  base::Result<std::optional<Stage>> after_task() override;
  base::Result<std::optional<Stage>> begin_batches();
  base::Result<std::optional<Stage>> begin_batch();
  base::Result<Stage> stage_infer();
  base::Result<Stage> stage_decode();
  base::Status record_begin();
  bool wants_growth() const;
  base::Result<std::optional<Stage>> discard_values();
  std::string discarded_text() const;
  base::Result<std::optional<Stage>> grow(const job::InferResult& seen);
  base::Result<std::optional<Stage>> go_on(job::Answer answer) override;
  base::Result<std::optional<Stage>> go_on_extracted(const job::Answer& answer);
  base::Status check_references();
  base::Result<std::optional<Stage>> judge();
  void find_checks();
  base::Result<std::optional<Stage>> check_batch();
  base::Result<bool> judge_checks(const job::CheckResult& counts);
  base::Result<std::optional<Stage>> publish();
  base::Result<lake::TableChange> bronze_change();
  base::Status commit(lake::CommitRequest request);
  base::Status note_counts();
  lake::RecordCounts counts_of(const job::DecodedFile& file) const;
  base::Status mark_files(metastore::Transaction& transaction);
  control::StageContext stage_context(control::StageKind kind) const;
  void forget_unpublished() override;

  const project::Source& source_;
  contract::Contract contract_;  // with the columns that data brought
  data::Schema declared_;
  SourceIntake intake_;
  DatabaseIntake extracts_;  // used where the source has a database
  metastore::Lease lease_;
  base::CommitId commit_;
  std::vector<lake::LandedFile> pending_;  // landed, not yet committed
  std::size_t batch_files_ = 0;            // of them, in the batch under way
  WritePlan bronze_;
  WritePlan quarantine_;
  bool begun_ = false;     // the batch under way has its row in the records
  bool looked_ = false;    // and its columns have been looked at
  bool forgives_ = false;  // values that do not fit are left out, and were counted
  std::vector<job::RefusedCount> discarded_;
  bool ignores_ = false;  // columns that it has, and the contract has not, are all empty
  std::string digest_;    // of how the batch under way is decoded
  job::DecodeResult decoded_;
  std::vector<quality::Expectation> checks_;
};

}  // namespace sluice::run
