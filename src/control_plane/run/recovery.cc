#include "sluice/run/recovery.h"

#include <fmt/format.h>

#include <set>

#include "sluice/lake/landed_files.h"
#include "sluice/lake/landing_journal.h"
#include "sluice/lake/pointer_search.h"
#include "sluice/lake/table_drop.h"
#include "sluice/metastore/database.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kRawRoot = "/_raw";
constexpr std::int64_t kFileTimeSlackUs = 1'000'000;  // file systems keep times more coarsely

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Removes what a run staged in `dir`: files that begin with its prefix, and the folder in which a
/// worker that was killed was still writing. Returns how many there were.
Result<std::size_t> remove_staged(storage::FileIo& files, const std::string& dir,
                                  const std::string& prefix) {
  const auto listed = files.list(dir, false);
  if (!listed) {
    return listed.error().kind == base::ErrorKind::kNotFound ? Result<std::size_t>(0)
                                                             : Result<std::size_t>(listed.error());
  }
  std::size_t removed = 0;
  for (const storage::ListedFile& entry : *listed) {
    if (name_of(entry.path).starts_with(prefix)) {
      SLUICE_RETURN_IF_ERROR(entry.stat.is_dir ? files.remove_all(entry.path)
                                               : files.remove(entry.path));
      ++removed;
    }
  }
  return removed;
}

/// The part of a raw file's path that stays when the warehouse moves.
std::string_view raw_name(std::string_view path) {
  const std::size_t root = path.rfind(kRawRoot);
  return root == std::string_view::npos ? path : path.substr(root);
}

Result<std::set<std::string, std::less<>>> recorded_copies(metastore::Database& database) {
  std::set<std::string, std::less<>> names;
  SLUICE_ASSIGN_OR_RETURN(const auto sources, lake::list_landed_sources(database));
  for (const std::string& source : sources) {
    SLUICE_ASSIGN_OR_RETURN(const auto landed, lake::list_landed(database, source));
    for (const lake::LandedFile& file : landed) {
      names.emplace(raw_name(file.raw_path));
    }
  }
  return names;
}

/// Removes copies of which the ledger does not know because the process died too early: half-made
/// ones, whole ones made after `since_us`, and files that still have their old name, too. Their
/// originals are landed again. Returns how many.
Result<std::size_t> remove_unrecorded_copies(lake::Catalog& catalog, storage::FileIo& files,
                                             std::int64_t since_us) {
  const auto listed = files.list(catalog.warehouse() + std::string(kRawRoot), true);
  if (!listed) {
    return listed.error().kind == base::ErrorKind::kNotFound ? Result<std::size_t>(0)
                                                             : Result<std::size_t>(listed.error());
  }
  SLUICE_ASSIGN_OR_RETURN(const auto recorded, recorded_copies(catalog.database()));
  std::size_t removed = 0;
  for (const storage::ListedFile& file : *listed) {
    const bool has_original = file.stat.modified_us >= since_us || file.stat.links > 1;
    const bool is_lost = has_original && !recorded.contains(raw_name(file.path));
    if (storage::is_temporary(file.path) || is_lost) {
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
      SLUICE_ASSIGN_OR_RETURN(const std::size_t count, remove_staged(files, dir, run.file_prefix));
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

/// A metastore that came from a backup may lack files that were landed since. They are noted beside
/// their tables, and are entered before anything in the raw zone is taken for a leftover.
Status restore_ledgers(lake::Catalog& catalog, storage::FileIo& files,
                       std::vector<std::string>& settled) {
  SLUICE_ASSIGN_OR_RETURN(const auto tables, lake::list_table_folders(files, catalog.warehouse()));
  for (const lake::TableName& table : tables) {
    const std::string source = lake::to_text(table);
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t entered,
                            lake::LandingJournal(files, catalog.metadata_path(table))
                                .restore_ledger(catalog.database(), source));
    if (entered > 0) {
      settled.push_back(fmt::format(
          "{}: {} landed files entered in the ledger again, which is older than they are", source,
          entered));
    }
  }
  return {};
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
  SLUICE_RETURN_IF_ERROR(restore_ledgers(catalog, files, settled));
  SLUICE_ASSIGN_OR_RETURN(const std::size_t folders, lake::finish_drops(catalog));
  if (folders > 0) {
    settled.push_back(fmt::format("{} folders of dropped tables removed", folders));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto interrupted_at, records.first_interrupted());
  if (interrupted_at) {
    SLUICE_ASSIGN_OR_RETURN(
        const std::size_t copies,
        remove_unrecorded_copies(catalog, files, interrupted_at->us - kFileTimeSlackUs));
    if (copies > 0) {
      settled.push_back(fmt::format("raw zone: {} unrecorded copies removed", copies));
    }
    // Last, so that a process that dies in here is followed by one that does all of this again.
    SLUICE_RETURN_IF_ERROR(records.close_interrupted_invocations(clock.now()));
  }
  return settled;
}

}  // namespace sluice::run
