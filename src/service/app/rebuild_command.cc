#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/workspace.h"
#include "sluice/base/text.h"
#include "sluice/lake/restore_check.h"
#include "sluice/metastore/backup.h"
#include "sluice/run/rebuild.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

/// Refuses where there is nothing to mend: what a metastore alone knows would be lost for nothing.
Status check_is_needed(Workspace& workspace) {
  const std::string path = workspace.metastore_path();
  const auto database = metastore::Database::open(path, metastore::OpenMode::kReadOnly);
  if (!database) {
    return {};
  }
  const Status version = workspace.check_versions(**database);
  if (!version && version.error().kind == base::ErrorKind::kUnsupported) {
    return version.error();
  }
  if (!version || !(*database)->check_integrity()) {
    return {};
  }
  lake::Catalog catalog(**database, workspace.files(), workspace.target().warehouse,
                        workspace.clock(), workspace.random());
  const auto check = lake::check_restore(catalog);
  if (!check || !check->newer.empty() || !check->missing.empty()) {
    return {};
  }
  return base::conflict(
      fmt::format("{} is sound and agrees with its {} tables: there is nothing to rebuild; move it "
                  "away to do it nevertheless",
                  path, check->tables));
}

Json to_json(const run::RebuildReport& report, const std::string& aside) {
  Json document = {{"ok", true},
                   {"set_aside", aside},
                   {"tables", Json::array()},
                   {"sources", Json::array()},
                   {"not_restored", report.not_restored}};
  for (const run::RebuiltTable& table : report.tables) {
    document["tables"].push_back({{"table", table.table},
                                  {"version", table.version},
                                  {"history_version", table.history_version},
                                  {"versions_lost", table.versions_lost},
                                  {"left_alone", table.left_alone}});
  }
  for (const run::RebuiltSource& source : report.sources) {
    document["sources"].push_back({{"source", source.source},
                                   {"landed", source.landed},
                                   {"pending", source.pending},
                                   {"adopted", source.adopted}});
  }
  return document;
}

void print_table(const run::RebuiltTable& table) {
  fmt::print("{:<28} version {}", table.table, table.version);
  if (table.version > table.history_version) {
    fmt::print("; pointer history {}: the newest complete metadata is taken",
               table.history_version < 0 ? "is missing"
                                         : fmt::format("ends with {}", table.history_version));
  }
  fmt::print("\n");
  if (table.versions_lost > 0) {
    fmt::print("  {} earlier versions are not known any more\n", table.versions_lost);
  }
  for (const std::string& left : table.left_alone) {
    fmt::print("  not taken: {}\n", left);
  }
}

void print_report(const run::RebuildReport& report, const std::string& aside) {
  for (const run::RebuiltTable& table : report.tables) {
    print_table(table);
  }
  for (const run::RebuiltSource& source : report.sources) {
    fmt::print("{:<28} {} landed files, {} of them still to be read\n", source.source,
               base::format_count(source.landed), base::format_count(source.pending));
    for (const std::string& file : source.adopted) {
      fmt::print("  landed now, as it was noted nowhere: {}\n", file);
    }
  }
  fmt::print("\nnot restored:\n");
  for (const std::string& kind : report.not_restored) {
    fmt::print("  {}\n", kind);
  }
  if (!aside.empty()) {
    fmt::print("\nthe metastore that was there is now {}\n", aside);
  }
  fmt::print("next: sluice audit --deep\n");
}

std::set<std::string> extracted_sources(const project::Project& project) {
  std::set<std::string> extracted;
  for (const project::Source& source : project.sources) {
    if (source.database) {
      extracted.insert(source.table);
    }
  }
  return extracted;
}

}  // namespace

Result<int> run_rebuild(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->become_front());
  SLUICE_RETURN_IF_ERROR(check_is_needed(*workspace));
  const std::string path = workspace->metastore_path();
  const std::string fresh = path + ".rebuilding";
  SLUICE_RETURN_IF_ERROR(workspace->open_new(fresh));
  auto report = run::rebuild(workspace->catalog(), workspace->engine(), workspace->reader_limits(),
                             extracted_sources(workspace->project()), workspace->clock(),
                             workspace->random(), stop.token());
  SLUICE_RETURN_IF_ERROR(workspace->close_metastore());
  SLUICE_RETURN_IF_ERROR(workspace->files().remove_all(workspace->reader_limits().spill_dir));
  if (!report) {
    SLUICE_RETURN_IF_ERROR(workspace->files().remove(fresh));
    return std::move(report).error();
  }
  bool is_there = false;
  for (const char* part : {"", "-wal", "-shm"}) {
    SLUICE_ASSIGN_OR_RETURN(const bool exists, workspace->files().exists(path + part));
    is_there = is_there || exists;
  }
  std::string aside;
  if (is_there) {
    SLUICE_ASSIGN_OR_RETURN(
        aside, metastore::set_aside(path, fmt::format(".aside-{}", workspace->clock().now().us)));
  }
  SLUICE_RETURN_IF_ERROR(metastore::put_in_place(fresh, path));
  if (line.json) {
    fmt::print("{}\n", to_json(*report, aside).dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    print_report(*report, aside);
  }
  return 0;
}

}  // namespace sluice::app
