#include "sluice/app/workspace.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "sluice/app/version.h"
#include "sluice/control/decision_store.h"
#include "sluice/ingest/extracts.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/pointer_search.h"
#include "sluice/lake/table_drop.h"
#include "sluice/metastore/lease.h"
#include "sluice/metastore/migration.h"
#include "sluice/project/load.h"
#include "sluice/quality/quality_store.h"
#include "sluice/run/erasure_store.h"
#include "sluice/run/records.h"
#include "sluice/run/schema_growth.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;

/// Every module's part of the metastore.
std::vector<metastore::Migration> all_migrations() {
  std::vector<metastore::Migration> all;
  for (const auto part :
       {metastore::lease_migrations(), lake::catalog_migrations(), lake::drop_migrations(),
        control::decision_migrations(), quality::quality_migrations(), run::run_migrations(),
        run::erasure_migrations(), ingest::extract_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

Result<std::map<std::string, std::string>> given_variables(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> given;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return base::invalid_input(fmt::format("--var takes name=value, not '{}'", text));
    }
    given[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return given;
}

Workspace::~Workspace() = default;

Result<std::unique_ptr<Workspace>> Workspace::open(const WorkspaceOptions& options) {
  yaml::Diagnostics found;
  SLUICE_ASSIGN_OR_RETURN(auto workspace, open_as_is(options, found));
  if (!found.empty()) {
    return found.to_error();
  }
  return workspace;
}

Result<std::unique_ptr<Workspace>> Workspace::open_as_is(const WorkspaceOptions& options,
                                                         yaml::Diagnostics& found) {
  std::unique_ptr<Workspace> workspace(new Workspace());
  std::error_code error;
  project::LoadOptions load;
  load.root = std::filesystem::absolute(options.root, error).lexically_normal();
  load.target = options.target;
  SLUICE_ASSIGN_OR_RETURN(load.variables, given_variables(options.variables));
  SLUICE_ASSIGN_OR_RETURN(workspace->project_, project::load_project(load, found));
  const std::string target =
      options.target.empty() ? workspace->project_.default_target : options.target;
  workspace->target_ = workspace->project_.find_target(target);
  if (workspace->target_ == nullptr && found.empty()) {
    return base::not_found(fmt::format("sluice.yaml declares no target '{}'", target));
  }
  if (workspace->target_ != nullptr && !workspace->target_->from.empty()) {
    workspace->project_.alerts.channels.clear();  // a try-out wakes nobody
  }
  workspace->wait_ms_ = options.wait_ms;
  workspace->serves_at_ = options.serves_at;
  workspace->files_ = storage::make_local_file_io();
  return workspace;
}

std::string Workspace::state_dir_of(const std::string& target) const {
  return (project_.root / ".sluice" / target).string();
}

std::string Workspace::state_dir() const {
  return state_dir_of(target_ == nullptr ? "" : target_->name);
}

std::string Workspace::metastore_path() const { return state_dir() + "/metastore.db"; }

Result<const project::Analysis*> Workspace::analyze() {
  yaml::Diagnostics found;
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, analyze(found));
  if (analysis == nullptr) {
    return found.to_error();
  }
  return analysis;
}

Status Workspace::adopt_columns() {
  const bool any =
      std::any_of(project_.sources.begin(), project_.sources.end(),
                  [](const auto& source) { return run::may_have_more_columns(source); });
  if (!any || target_ == nullptr) {
    return {};
  }
  std::unique_ptr<metastore::Database> database;
  std::optional<lake::Catalog> beside;
  lake::Catalog* catalog = catalog_.get();
  SLUICE_ASSIGN_OR_RETURN(const bool exists, files_->exists(metastore_path()));
  if (catalog == nullptr && exists) {
    SLUICE_ASSIGN_OR_RETURN(
        database, metastore::Database::open(metastore_path(), metastore::OpenMode::kReadOnly));
    beside.emplace(*database, *files_, target_->warehouse, clock_, random_);
    catalog = &*beside;
  }
  return run::adopt_columns(project_, {catalog, target_->warehouse + "/_raw", *files_, engine(),
                                       clock_, reader_limits()});
}

Result<const project::Analysis*> Workspace::analyze(yaml::Diagnostics& found) {
  if (found.empty()) {
    SLUICE_RETURN_IF_ERROR(adopt_columns());
  }
  SLUICE_ASSIGN_OR_RETURN(
      analysis_,
      project::analyze(project_, frontend(), job::quarantine_schema(), kEngineVersion, found));
  return analysis_ ? &*analysis_ : nullptr;
}

Status Workspace::check_versions(metastore::Database& database) const {
  return metastore::check_version(database, all_migrations());
}

Status Workspace::become_front() {
  SLUICE_RETURN_IF_ERROR(files_->make_dirs(state_dir()));
  const std::string holder = fmt::format(
      "pid {}{}, since {}", ::getpid(), serves_at_.empty() ? "" : ", sluice up at " + serves_at_,
      base::format_iso8601({clock_.now().us / 1'000'000 * 1'000'000}));
  auto lock = storage::FileLock::acquire(state_dir() + "/front.lock", holder, wait_ms_);
  if (!lock) {
    if (lock.error().kind == base::ErrorKind::kConflict) {
      return base::conflict(
          fmt::format("project {} (target {}) is {}; stop it, or wait for it: --wait 60s",
                      project_.name, target_->name, lock.error().message));
    }
    return lock.error();
  }
  lock_ = std::move(*lock);
  return {};
}

void Workspace::make_catalog() {
  catalog_ =
      std::make_unique<lake::Catalog>(*database_, *files_, target_->warehouse, clock_, random_);
}

/// A warehouse whose tables are moved by a metastore that is not there must not begin anew.
Status Workspace::check_not_lost() {
  SLUICE_ASSIGN_OR_RETURN(const bool exists, files_->exists(metastore_path()));
  if (exists) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto tables, lake::list_table_folders(*files_, target_->warehouse));
  for (const lake::TableName& table : tables) {
    const std::string history = fmt::format("{}/{}/{}/metadata/{}", target_->warehouse, table.ns,
                                            table.name, lake::kPointerHistoryName);
    SLUICE_ASSIGN_OR_RETURN(const bool moved, files_->exists(history));
    if (moved) {
      return base::not_found(
          fmt::format("{} is not there, but {} has tables such as {}: 'sluice doctor --rebuild' "
                      "makes it again from them, 'sluice restore FILE' brings a backup back",
                      metastore_path(), target_->warehouse, lake::to_text(table)));
    }
  }
  return {};
}

Status Workspace::open_new(const std::string& path) {
  for (const char* part : {"", "-wal", "-shm", "-journal"}) {
    SLUICE_RETURN_IF_ERROR(files_->remove(path + part));
  }
  SLUICE_ASSIGN_OR_RETURN(database_,
                          metastore::Database::open(path, metastore::OpenMode::kReadWrite));
  SLUICE_RETURN_IF_ERROR(metastore::migrate(*database_, all_migrations(), kProgramVersion, clock_));
  make_catalog();
  return {};
}

Status Workspace::close_metastore() {
  catalog_.reset();
  const Status closed = database_->execute("PRAGMA journal_mode = DELETE");
  database_.reset();
  return closed;
}

Status Workspace::open_for_writing() {
  SLUICE_RETURN_IF_ERROR(become_front());
  SLUICE_RETURN_IF_ERROR(check_not_lost());
  SLUICE_ASSIGN_OR_RETURN(
      database_, metastore::Database::open(metastore_path(), metastore::OpenMode::kReadWrite));
  SLUICE_RETURN_IF_ERROR(metastore::migrate(*database_, all_migrations(), kProgramVersion, clock_));
  SLUICE_RETURN_IF_ERROR(storage::SharedHold::remove_dead(holds_dir()));
  make_catalog();
  return borrow();
}

Status Workspace::open_for_planning() {
  SLUICE_ASSIGN_OR_RETURN(const bool exists, files_->exists(metastore_path()));
  if (exists) {
    return open_for_reading();
  }
  SLUICE_RETURN_IF_ERROR(check_not_lost());
  return open_empty();
}

Status Workspace::open_empty() {
  SLUICE_ASSIGN_OR_RETURN(database_,
                          metastore::Database::open(":memory:", metastore::OpenMode::kReadWrite));
  SLUICE_RETURN_IF_ERROR(metastore::migrate(*database_, all_migrations(), kProgramVersion, clock_));
  make_catalog();
  return borrow();
}

Status Workspace::open_for_reading() {
  const auto opened = [&]() -> Status {
    SLUICE_ASSIGN_OR_RETURN(
        database_, metastore::Database::open(metastore_path(), metastore::OpenMode::kReadOnly));
    return metastore::check_version(*database_, all_migrations());
  }();
  if (!opened && opened.error().kind == base::ErrorKind::kNotFound) {
    SLUICE_RETURN_IF_ERROR(check_not_lost());
    if (!target_->from.empty()) {
      return open_empty();
    }
    return base::not_found(
        fmt::format("target {} has no tables yet; 'sluice run' makes them", target_->name));
  }
  SLUICE_RETURN_IF_ERROR(opened);
  make_catalog();
  return borrow();
}

/// The hold comes first: nothing can be removed between looking the tables up and holding them.
Status Workspace::borrow() {
  if (target_->from.empty()) {
    return {};
  }
  const std::string dir = state_dir_of(target_->from);
  const std::string path = storage::join_path(dir, "metastore.db");
  SLUICE_ASSIGN_OR_RETURN(const bool exists, files_->exists(path));
  if (exists) {
    SLUICE_ASSIGN_OR_RETURN(
        loan_hold_,
        hold_in(lake::holds_dir_of(dir),
                fmt::format("target {} of {}", target_->name, project_.name), target_->from));
  }
  SLUICE_ASSIGN_OR_RETURN(run::Loan loan, run::read_loan(target_->from, path, project_,
                                                         [this](metastore::Database& database) {
                                                           return check_versions(database);
                                                         }));
  if (loan_hold_) {
    SLUICE_RETURN_IF_ERROR(loan_hold_->narrow(loan.held()));
  }
  lender_ = std::move(loan.lender);
  catalog_->borrow(std::move(loan.tables));
  return {};
}

Result<std::optional<lake::SnapshotHold>> Workspace::hold_in(const std::string& dir,
                                                             std::string_view reader,
                                                             const std::string& target) {
  auto held = lake::SnapshotHold::acquire(dir, reader, clock_);
  if (held) {
    return std::optional(*std::move(held));
  }
  if (held.error().kind != base::ErrorKind::kUnauthorized) {
    return held.error();
  }
  fmt::print(
      stderr,
      "sluice: reading without a hold ({}): when snapshots of {} are removed meanwhile, this "
      "fails; let this user write in {}\n",
      held.error().message, target, dir);
  return std::optional<lake::SnapshotHold>();
}

Result<std::optional<lake::SnapshotHold>> Workspace::hold(std::string_view reader) {
  return hold_in(holds_dir(), reader, target_->name);
}

telemetry::Logger& Workspace::log() {
  if (!log_) {
    log_ = std::make_unique<telemetry::Logger>(
        clock_, telemetry::open_log_file(state_dir() + "/sluice.log.jsonl"));
  }
  return *log_;
}

engine_duckdb::WorkerEngine& Workspace::engine() {
  if (!engine_) {
    worker::PoolOptions options;
    const int threads = project_.resources.threads > 0
                            ? project_.resources.threads
                            : static_cast<int>(std::thread::hardware_concurrency());
    options.workers_max = static_cast<std::size_t>(std::max(1, threads));
    pool_ = std::make_unique<worker::Pool>(std::move(options));
    engine_ = std::make_unique<engine_duckdb::WorkerEngine>(*pool_, *files_);
  }
  return *engine_;
}

engine_duckdb::WorkerFrontend& Workspace::frontend() {
  if (!frontend_) {
    engine_duckdb::FrontendOptions options;
    options.cache_dir = (project_.root / ".sluice" / "cache").string();
    options.engine_version = kEngineVersion;
    options.timezone = project_.timezone;
    options.log = &log();
    frontend_ = std::make_unique<engine_duckdb::WorkerFrontend>(engine(), *files_, options);
  }
  return *frontend_;
}

job::Limits Workspace::reader_limits() const {
  job::Limits limits;
  limits.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  limits.memory_bytes = project_.resources.query_memory_bytes;
  limits.timezone = project_.timezone;
  limits.spill_dir = fmt::format("{}/spill-{}", state_dir(), ::getpid());
  return limits;
}

}  // namespace sluice::app
