#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/workspace.h"
#include "sluice/base/text.h"
#include "sluice/lake/restore_check.h"
#include "sluice/metastore/backup.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

std::string absolute(const std::string& path) {
  std::error_code error;
  return std::filesystem::absolute(path, error).lexically_normal().string();
}

std::string listed(const std::vector<std::string>& lines) {
  return "\n  " + base::join(lines, "\n  ");
}

/// Refuses what is damaged, newer than this program, or another warehouse's or time's.
Result<lake::RestoreCheck> judge_backup(Workspace& workspace, const std::string& path) {
  SLUICE_ASSIGN_OR_RETURN(const auto backup,
                          metastore::Database::open(path, metastore::OpenMode::kReadOnly));
  SLUICE_RETURN_IF_ERROR(backup->check_integrity());
  const Status version = workspace.check_versions(*backup);
  if (!version && version.error().kind != base::ErrorKind::kConflict) {
    return version.error();  // an older one is brought up to date by the next run
  }
  lake::Catalog catalog(*backup, workspace.files(), workspace.target().warehouse, workspace.clock(),
                        workspace.random());
  SLUICE_ASSIGN_OR_RETURN(lake::RestoreCheck check, lake::check_restore(catalog));
  if (!check.missing.empty()) {
    return base::corrupt(
        fmt::format("{} is not a backup of this warehouse, or files are lost: it "
                    "points to files that are not there:{}",
                    path, listed(check.missing)));
  }
  if (!check.newer.empty()) {
    return base::conflict(
        fmt::format("the tables have moved on since {} was made, and what it does not know would "
                    "be lost or come twice:{}\nrestore a newer backup",
                    path, listed(check.newer)));
  }
  return check;
}

}  // namespace

Result<int> run_backup(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  const std::string path = absolute(line.file);
  SLUICE_RETURN_IF_ERROR(metastore::back_up(workspace->metastore_path(), path));
  SLUICE_ASSIGN_OR_RETURN(const auto stat, workspace->files().stat(path));
  SLUICE_ASSIGN_OR_RETURN(const auto tables, workspace->catalog().list_own_tables());
  if (line.json) {
    fmt::print("{}\n",
               Json{{"file", path}, {"bytes", stat.bytes}, {"tables", tables.size()}}.dump());
  } else {
    fmt::print("{}: {} with the pointers of {} tables, checked\n", path,
               base::format_bytes(static_cast<std::uint64_t>(stat.bytes)), tables.size());
  }
  return 0;
}

Result<int> run_restore(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->become_front());
  const std::string path = absolute(line.file);
  SLUICE_ASSIGN_OR_RETURN(const lake::RestoreCheck check, judge_backup(*workspace, path));
  const std::string metastore = workspace->metastore_path();
  std::string aside;
  const Status done = metastore::replace_content(path, metastore);
  if (!done && done.error().kind == base::ErrorKind::kCorrupt) {
    // What is there is no database any more; it is kept beside.
    SLUICE_ASSIGN_OR_RETURN(
        aside,
        metastore::set_aside(metastore, fmt::format(".broken-{}", workspace->clock().now().us)));
    SLUICE_RETURN_IF_ERROR(metastore::replace_content(path, metastore));
  } else {
    SLUICE_RETURN_IF_ERROR(done);
  }
  if (line.json) {
    fmt::print("{}\n", Json{{"file", path}, {"tables", check.tables}, {"set_aside", aside}}.dump());
    return 0;
  }
  fmt::print("restored {} tables from {}\n", check.tables, path);
  if (!aside.empty()) {
    fmt::print("the metastore that could not be read is now {}\n", aside);
  }
  fmt::print("next: sluice audit\n");
  return 0;
}

}  // namespace sluice::app
