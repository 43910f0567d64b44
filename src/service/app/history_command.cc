#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/base/text.h"
#include "sluice/lake/table_history.h"
#include "sluice/lake/time_travel.h"
#include "sluice/run/source_rollback.h"

namespace sluice::app {

namespace {

using base::Result;
using nlohmann::ordered_json;

Result<lake::TableMetadataPtr> load_table(Workspace& workspace, const std::string& table) {
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, workspace.catalog().find(name));
  if (entry) {
    return workspace.catalog().load_location(entry->metadata_location);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto entries, workspace.catalog().list_tables());
  std::vector<std::string> names;
  for (const lake::TableEntry& other : entries) {
    names.push_back(lake::to_text(other.table));
  }
  const std::string near = base::nearest(table, names);
  return base::not_found(fmt::format("there is no table {}{}", table,
                                     near.empty() ? "" : "; did you mean " + near + "?"));
}

std::string time_text(std::int64_t ms) { return base::format_iso8601({ms * 1000}); }

/// What stands beside a snapshot: where it is, and what names it.
std::string marks_of(const lake::HistoryEntry& entry) {
  std::vector<std::string> marks = entry.refs;
  if (!entry.is_ancestor) {
    marks.push_back("(not in the current state)");
  }
  return base::join(marks, ", ");
}

ordered_json to_json(const lake::HistoryEntry& entry) {
  return {{"snapshot_id", entry.snapshot_id},
          {"at", time_text(entry.timestamp_ms)},
          {"operation", entry.operation},
          {"rows_added", entry.rows_added},
          {"rows_deleted", entry.rows_deleted},
          {"rows", entry.rows},
          {"run", entry.run},
          {"refs", entry.refs},
          {"current", entry.is_current},
          {"ancestor", entry.is_ancestor}};
}

ordered_json to_json(const std::string& name, const lake::SnapshotRef& ref) {
  ordered_json json = {{"name", name},
                       {"type", ref.type == lake::RefType::kTag ? "tag" : "branch"},
                       {"snapshot_id", ref.snapshot_id}};
  if (ref.max_ref_age_ms) {
    json["max_age_ms"] = *ref.max_ref_age_ms;
  }
  return json;
}

int list_refs(const lake::TableMetadata& metadata, bool json) {
  ordered_json document = ordered_json::array();
  for (const auto& [name, ref] : metadata.refs) {
    document.push_back(to_json(name, ref));
    if (!json) {
      fmt::print("{:<24}{:<8}{}\n", name, ref.type == lake::RefType::kTag ? "tag" : "branch",
                 ref.snapshot_id);
    }
  }
  if (json) {
    fmt::print("{}\n", document.dump(2));
  }
  return 0;
}

/// Tells what a command has done, for people or programs.
void tell(const CommandLine& line, const lake::TableCommit& commit, std::string_view text) {
  if (line.json) {
    fmt::print("{}\n", ordered_json{{"ok", true},
                                    {"table", lake::to_text(commit.table)},
                                    {"metadata_location", commit.metadata_location}}
                           .dump());
  } else {
    fmt::print("{}\n", text);
  }
}

/// The snapshot that a rollback without --to goes back to.
Result<std::int64_t> snapshot_before(const lake::TableMetadata& metadata,
                                     const std::string& table) {
  const lake::Snapshot* current = metadata.current_snapshot();
  if (current == nullptr || !current->parent_id ||
      metadata.snapshot(*current->parent_id) == nullptr) {
    return base::not_found(fmt::format("{} has no snapshot before its current one", table));
  }
  return *current->parent_id;
}

Result<std::int64_t> wanted_snapshot(const lake::TableMetadata& metadata, const CommandLine& line) {
  return line.to.empty() ? snapshot_before(metadata, line.table)
                         : lake::resolve_snapshot(metadata, line.to);
}

Result<int> roll_source_back(Workspace& workspace, const project::Source& source,
                             const lake::TableMetadata& metadata, const CommandLine& line,
                             const StopSignal& stop) {
  if (line.release) {
    return base::invalid_input(
        fmt::format("{} is a source's table, which is never held: the next run goes on with what "
                    "is new",
                    line.table));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t to, wanted_snapshot(metadata, line));
  const job::Limits limits = workspace.reader_limits();
  SLUICE_ASSIGN_OR_RETURN(
      const run::SourceRollback done,
      run::roll_back_source(workspace.catalog(), workspace.engine(), source, to, line.rewind,
                            limits, workspace.clock(), workspace.random(), stop.token()));
  SLUICE_RETURN_IF_ERROR(workspace.files().remove_all(limits.spill_dir));
  tell(
      line, done.commit,
      fmt::format("{} is at snapshot {} again, without the rows of {} landed {}: {}", line.table,
                  to, done.files, done.files == 1 ? "file" : "files",
                  line.rewind ? "the next run reads them again"
                              : "the ledger has them as rolled back, and they are not read again"));
  return 0;
}

}  // namespace

Result<int> run_history(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, load_table(*workspace, line.table));
  const auto held = lake::held_at(*metadata);
  ordered_json document = {{"table", line.table}, {"snapshots", ordered_json::array()}};
  if (held) {
    document["held_at"] = *held;
  }
  const auto history = lake::list_history(*metadata);
  if (!line.json) {
    fmt::print("{:<21}{:<29}{:<11}{:>12}{:>12}{:>12}  {}\n", "snapshot", "time", "operation",
               "added", "deleted", "rows", "refs");
  }
  for (const lake::HistoryEntry& entry : history) {
    document["snapshots"].push_back(to_json(entry));
    if (!line.json) {
      fmt::print("{:<21}{:<29}{:<11}{:>12}{:>12}{:>12}  {}\n", entry.snapshot_id,
                 time_text(entry.timestamp_ms), entry.operation,
                 base::format_count(entry.rows_added), base::format_count(entry.rows_deleted),
                 base::format_count(entry.rows), marks_of(entry));
    }
  }
  if (line.json) {
    fmt::print("{}\n", document.dump(2));
  } else if (held) {
    fmt::print("\nheld at {}: 'sluice rollback {} --release' lets it go on\n", *held, line.table);
  }
  return 0;
}

Result<int> run_tag(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  if (line.tag_name.empty()) {
    SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, load_table(*workspace, line.table));
    return list_refs(*metadata, line.json);
  }
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, load_table(*workspace, line.table));
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName table, lake::parse_table_name(line.table));
  SLUICE_RETURN_IF_ERROR(workspace->catalog().find_to_change(table));
  if (line.delete_tag) {
    SLUICE_ASSIGN_OR_RETURN(const auto commit,
                            lake::delete_tag(workspace->catalog(), table, line.tag_name,
                                             workspace->clock(), workspace->random()));
    tell(line, commit, fmt::format("tag {} of {} is gone", line.tag_name, line.table));
    return 0;
  }
  if (line.at.empty() && !metadata->current_snapshot_id) {
    return base::not_found(fmt::format("{} has no snapshot yet", line.table));
  }
  std::int64_t snapshot = metadata->current_snapshot_id.value_or(0);
  if (!line.at.empty()) {
    SLUICE_ASSIGN_OR_RETURN(snapshot, lake::resolve_snapshot(*metadata, line.at));
  }
  std::optional<std::int64_t> max_age_ms;
  if (!line.max_age.empty()) {
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t age_us, base::parse_duration_us(line.max_age));
    max_age_ms = age_us / 1000;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto commit,
                          lake::set_tag(workspace->catalog(), table, line.tag_name, snapshot,
                                        max_age_ms, workspace->clock(), workspace->random()));
  tell(line, commit, fmt::format("{} of {} is snapshot {}", line.tag_name, line.table, snapshot));
  return 0;
}

Result<int> run_rollback(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  const project::Project& project = workspace->project();
  const bool is_model =
      std::any_of(project.models.begin(), project.models.end(),
                  [&](const project::Model& model) { return model.table == line.table; });
  const project::Source* source = is_model ? nullptr : project.find_source(line.table);
  if (line.rewind && source == nullptr) {
    return base::invalid_input(
        fmt::format("--rewind reads a source's files again, and {} is no source", line.table));
  }
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, load_table(*workspace, line.table));
  if (!is_model && source == nullptr) {
    return base::invalid_input(
        fmt::format("{} is no model and no source of the project", line.table));
  }
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName table, lake::parse_table_name(line.table));
  SLUICE_RETURN_IF_ERROR(workspace->catalog().find_to_change(table));
  if (source != nullptr) {
    return roll_source_back(*workspace, *source, *metadata, line, stop);
  }
  if (line.release) {
    SLUICE_ASSIGN_OR_RETURN(
        const auto commit,
        lake::release_hold(workspace->catalog(), table, workspace->clock(), workspace->random()));
    tell(line, commit, fmt::format("{} is refreshed again by the next run", line.table));
    return 0;
  }
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t to, wanted_snapshot(*metadata, line));
  SLUICE_ASSIGN_OR_RETURN(const auto commit,
                          lake::roll_back(workspace->catalog(), table, to, true, workspace->clock(),
                                          workspace->random()));
  tell(line, commit,
       fmt::format("{} is at snapshot {} again and held there; 'sluice rollback {} --release' lets "
                   "the next run go on",
                   line.table, to, line.table));
  return 0;
}

}  // namespace sluice::app
