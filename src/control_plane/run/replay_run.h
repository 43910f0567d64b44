#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/job/decode_job.h"
#include "sluice/run/quarantine_records.h"
#include "sluice/run/staged_run.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

/// Which quarantined records of a source are to be tried again, and who asks for it.
struct ReplayOrder {
  std::size_t source = 0;
  QuarantineFilter filter;
  QuarantineSurvey survey;  // of that filter, over the table as it is
  std::string by;
};

/// Describes how records of an order are decoded again: everything of a decode job but its two
/// outputs. Landed files whose raw copy is gone are left out and named in `gone`.
base::Result<job::DecodeJob> replay_request(const project::Project& project,
                                            const project::Analysis& analysis,
                                            lake::Catalog& catalog, const ReplayOrder& order,
                                            const base::RunId& run, std::vector<std::string>& gone);

/// Tries quarantined records of one source again, the same way as new rows: read from the raw zone
/// where they stand, judged by today's contract, keys judged over the table. Those that are good
/// now go to the table and their quarantine rows become `replayed`; the others get today's reason.
/// All in one commit, with the ledger's counts, so that no record is lost or doubled.
class ReplayRun final : public StagedRun {
 public:
  ReplayRun(RunContext& context, ReplayOrder order);

 private:
  enum class Step { kDecode, kCompare, kRewrite };

  base::Result<std::optional<Stage>> begin() override;
  base::Result<Stage> stage_decode();
  base::Result<std::optional<Stage>> go_on(job::Answer answer) override;
  base::Result<std::optional<Stage>> take_decoded(job::DecodeResult decoded);
  base::Result<Stage> stage_compare();
  base::Result<Stage> stage_rewrite();
  base::Result<std::optional<Stage>> end_unchanged();
  base::Status publish();
  base::Status commit(lake::CommitRequest request);
  control::StageContext stage_context(control::StageKind kind) const;
  std::string refused_dir() const;
  job::ScanInput refused_again() const;
  void forget_unpublished() override;

  const ReplayOrder order_;
  const project::Source& source_;
  const contract::Contract& contract_;
  const data::Schema& declared_;
  metastore::Lease lease_;
  base::CommitId commit_;
  Step step_ = Step::kDecode;
  WritePlan bronze_;
  WritePlan quarantine_;
  std::string digest_;
  job::DecodeResult decoded_;
  std::int64_t good_ = 0;
  std::vector<job::StagedFile> rewritten_;
};

}  // namespace sluice::run
