#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/engine_duckdb/worker_engine.h"
#include "sluice/engine_duckdb/worker_frontend.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/holds.h"
#include "sluice/metastore/database.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/lender.h"
#include "sluice/storage/file_io.h"
#include "sluice/storage/file_lock.h"
#include "sluice/telemetry/log.h"
#include "sluice/worker/pool.h"

namespace sluice::app {

struct WorkspaceOptions {
  std::string root = ".";              // the project's folder
  std::string target;                  // "" for the default
  std::vector<std::string> variables;  // `name=value`, as given
  std::int64_t wait_ms = 0;            // for another front to leave
  std::string serves_at;               // of a front that stays: its address, for who finds it there
};

/// Reads `name=value` as the command line gives variables. kInvalidInput for anything else.
base::Result<std::map<std::string, std::string>> given_variables(
    const std::vector<std::string>& texts);

/// A project on this machine with the concrete parts that work on it: the composition root of every
/// command. State that may be deleted lies in `.sluice/cache`, the rest in `.sluice/<target>`.
class Workspace {
 public:
  /// Loads the project's files. kInvalidInput holds everything that is wrong with them.
  static base::Result<std::unique_ptr<Workspace>> open(const WorkspaceOptions& options);
  /// The same for a project that may be wrong: what is goes to `found`.
  static base::Result<std::unique_ptr<Workspace>> open_as_is(const WorkspaceOptions& options,
                                                             yaml::Diagnostics& found);
  ~Workspace();

  /// Binds every model; kInvalidInput holds everything that is wrong.
  base::Result<const project::Analysis*> analyze();
  /// The same, adding what is wrong to `found`; nullptr when there is anything in it.
  base::Result<const project::Analysis*> analyze(yaml::Diagnostics& found);

  /// Becomes the project's one front, without looking at its metastore. kConflict names the one
  /// that there is.
  base::Status become_front();
  /// Becomes the project's one front, whose metastore is made or brought up to date. kConflict
  /// names the one that there is.
  base::Status open_for_writing();
  /// Opens the metastore beside whoever writes, or an empty one when nothing has run yet.
  base::Status open_for_planning();
  /// Opens the metastore beside whoever writes. kNotFound when nothing has run yet, but for a
  /// target that reads another's tables: it has those.
  base::Status open_for_reading();

  /// Works on a new, empty metastore at `path`, which is no other's; until close_metastore().
  base::Status open_new(const std::string& path);
  /// Leaves the open metastore as one file that nobody has open.
  base::Status close_metastore();

  const project::Project& project() const { return project_; }
  const project::Target& target() const { return *target_; }
  lake::Catalog& catalog() { return *catalog_; }
  metastore::Database& database() { return *database_; }
  storage::FileIo& files() { return *files_; }
  const base::Clock& clock() const { return clock_; }
  base::Random& random() { return random_; }
  telemetry::Logger& log();
  engine_duckdb::WorkerEngine& engine();
  engine_duckdb::WorkerFrontend& frontend();

  std::string state_dir() const;
  std::string metastore_path() const;
  /// Checks that a metastore is of this program's version; see metastore::check_version().
  base::Status check_versions(metastore::Database& database) const;
  /// The target whose tables this one reads, as of the time of opening; nullptr when it reads none.
  const run::Lender* lender() const { return lender_ ? &*lender_ : nullptr; }
  /// Begins to hold snapshots of this target's tables for a reader; nothing, after a word on
  /// standard error, where this user may not write beside the metastore.
  base::Result<std::optional<lake::SnapshotHold>> hold(std::string_view reader);
  /// What this process holds of the lender's tables; nullptr when it holds none.
  lake::SnapshotHold* loan_hold() { return loan_hold_ ? &*loan_hold_ : nullptr; }
  std::string holds_dir() const { return lake::holds_dir_of(state_dir()); }
  /// What a query or an audit beside a run may use: `resources.query_memory`.
  job::Limits reader_limits() const;

 private:
  base::Status check_not_lost();

  Workspace() : random_(base::Random::system_seed()) {}
  /// Gives sources the columns that are known from their tables and files, not from a contract.
  base::Status adopt_columns();

  std::string state_dir_of(const std::string& target) const;
  void make_catalog();
  base::Status borrow();
  base::Status open_empty();
  base::Result<std::optional<lake::SnapshotHold>> hold_in(const std::string& dir,
                                                          std::string_view reader,
                                                          const std::string& target);

  base::SystemClock clock_;
  base::Random random_;
  std::int64_t wait_ms_ = 0;
  std::string serves_at_;
  project::Project project_;
  const project::Target* target_ = nullptr;
  std::unique_ptr<storage::FileIo> files_;
  std::unique_ptr<telemetry::Logger> log_;
  std::optional<storage::FileLock> lock_;
  std::optional<run::Lender> lender_;
  std::optional<lake::SnapshotHold> loan_hold_;  // of the lender's tables
  std::unique_ptr<metastore::Database> database_;
  std::unique_ptr<lake::Catalog> catalog_;
  std::unique_ptr<worker::Pool> pool_;
  std::unique_ptr<engine_duckdb::WorkerEngine> engine_;
  std::unique_ptr<engine_duckdb::WorkerFrontend> frontend_;
  std::optional<project::Analysis> analysis_;
};

}  // namespace sluice::app
