#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sluice/ingest/file_landing.h"
#include "sluice/lake/landed_files.h"
#include "sluice/metastore/lease.h"
#include "sluice/run/run_context.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// The first part of a source's run: lands what was dropped, off the scheduling thread, and tells
/// in the run's summary what was left.
class SourceIntake {
 public:
  SourceIntake(RunContext& context, const project::Source& source, RunSummary& summary)
      : context_(context), source_(source), summary_(summary) {}

  /// Brings the source's journal up to date; of itself where files come another way than begin()'s.
  base::Status open_journal();
  /// Opens the journal; returns the first task.
  base::Result<Stage> begin(const metastore::Lease& lease);
  /// Goes on after a task; nothing when all is landed. kCancelled after a stop request.
  base::Result<std::optional<Stage>> after_task();

  /// Landed files that no commit has taken. Referenced files that are not any more what was landed
  /// are refused in the ledger and told as problems.
  base::Result<std::vector<lake::LandedFile>> pending();

  /// Where landed files are noted beside their table; after open_journal() or begin().
  lake::LandingJournal& journal() { return *journal_; }

 private:
  Stage make_task(int threads, std::function<base::Status(std::stop_token)> work) const;
  void tell();

  RunContext& context_;
  const project::Source& source_;
  RunSummary& summary_;
  std::unique_ptr<lake::LandingJournal> journal_;
  std::unique_ptr<ingest::FileLanding> landing_;
  bool taking_ = false;
};

}  // namespace sluice::run
