#include "sluice/run/recovery.h"

#include <fmt/format.h>

#include "sluice/metastore/database.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Removes files below `dir` that `is_leftover` names; returns how many.
template <class Predicate>
Result<std::size_t> remove_leftovers(storage::FileIo& files, const std::string& dir,
                                     Predicate is_leftover) {
  const auto listed = files.list(dir, true);
  if (!listed) {
    return listed.error().kind == base::ErrorKind::kNotFound ? Result<std::size_t>(0)
                                                             : Result<std::size_t>(listed.error());
  }
  std::size_t removed = 0;
  for (const storage::ListedFile& file : *listed) {
    if (is_leftover(name_of(file.path))) {
      SLUICE_RETURN_IF_ERROR(files.remove(file.path));
      ++removed;
    }
  }
  return removed;
}

Result<std::string> settle(lake::Catalog& catalog, storage::FileIo& files, Records& records,
                           const OpenRun& run, const base::Clock& clock) {
  RunSummary summary;
  summary.id = run.id;
  summary.table = run.table;
  summary.reason = "found by a later invocation";
  std::size_t removed = 0;
  SLUICE_ASSIGN_OR_RETURN(const auto committed, catalog.find_commit(run.commit));
  if (committed) {
    summary.state = RunState::kPublished;
    summary.snapshot_id = committed->tables.front().snapshot_id;
  } else {
    SLUICE_ASSIGN_OR_RETURN(summary.state, transition(RunState::kStaging, RunEvent::kProcessDied));
    summary.error = "the process ended before the run did";
    for (const std::string& dir : run.dirs) {
      SLUICE_ASSIGN_OR_RETURN(const std::size_t count,
                              remove_leftovers(files, dir, [&](std::string_view name) {
                                return name.starts_with(run.file_prefix);
                              }));
      removed += count;
    }
  }
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(catalog.database()));
  SLUICE_RETURN_IF_ERROR(records.end_run(transaction, summary, clock.now()));
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  return committed ? fmt::format("{}: its last run had been committed", run.table)
                   : fmt::format("{}: an interrupted run was undone ({} staged files removed)",
                                 run.table, removed);
}

}  // namespace

Result<std::vector<std::string>> recover(lake::Catalog& catalog, storage::FileIo& files,
                                         Records& records, const base::Clock& clock) {
  std::vector<std::string> settled;
  SLUICE_ASSIGN_OR_RETURN(const std::vector<OpenRun> runs, records.open_runs());
  for (const OpenRun& run : runs) {
    SLUICE_ASSIGN_OR_RETURN(std::string line, settle(catalog, files, records, run, clock));
    settled.push_back(std::move(line));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t interrupted,
                          records.close_interrupted_invocations(clock.now()));
  if (interrupted > 0) {
    SLUICE_ASSIGN_OR_RETURN(
        const std::size_t copies,
        remove_leftovers(files, catalog.warehouse() + "/_raw", [](std::string_view name) {
          return name.find(".tmp-") != std::string_view::npos;
        }));
    if (copies > 0) {
      settled.push_back(fmt::format("raw zone: {} half-made copies removed", copies));
    }
  }
  return settled;
}

}  // namespace sluice::run
