#pragma once

#include <optional>
#include <string>

#include "sluice/ingest/extracts.h"
#include "sluice/job/extract_job.h"
#include "sluice/metastore/lease.h"
#include "sluice/run/run_context.h"
#include "sluice/run/stage_ledger.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// The first part of a run whose source is a database table: a worker writes the rows beyond the
/// last position as a file of the raw zone, which is hashed off the scheduling thread, then entered
/// in the ledger together with the new position.
class DatabaseIntake {
 public:
  DatabaseIntake(RunContext& context, const project::Source& source, RunSummary& summary,
                 StageLedger& ledger)
      : context_(context), source_(source), summary_(summary), ledger_(ledger) {}

  /// Returns the extract. Errors have the place in the source's file and no secret.
  base::Result<Stage> begin(const metastore::Lease& lease);
  /// Goes on with the extract's answer: the task that hashes its file, or nothing without rows.
  base::Result<std::optional<Stage>> after_extract(const job::ExtractResult& extracted);
  /// Goes on after the task: lands the file.
  base::Status land();
  /// Removes what an extract that failed has left.
  void forget();

 private:
  std::vector<std::string> key() const;
  base::Status restore_position();

  RunContext& context_;
  const project::Source& source_;
  RunSummary& summary_;
  StageLedger& ledger_;
  std::string path_;
  std::string after_;
  std::int64_t started_us_ = 0;
  job::ExtractResult extracted_;
  storage::CopiedFile content_;
};

}  // namespace sluice::run
