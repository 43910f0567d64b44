#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/app/confirmation.h"
#include "sluice/app/workspace.h"
#include "sluice/base/text.h"
#include "sluice/run/table_reset.h"

namespace sluice::app {

namespace {

using base::Result;
using nlohmann::ordered_json;

std::string rows_text(std::int64_t rows) {
  return fmt::format("{} {}", base::format_count(rows), rows == 1 ? "row" : "rows");
}

/// What is read in a table's place once it is gone.
std::string after_text(const run::ResetTable& table, const std::string& lender) {
  if (!table.lent) {
    return lender + " has no such table";
  }
  return table.lent->current_snapshot_id
             ? fmt::format("{} at snapshot {}", lender, *table.lent->current_snapshot_id)
             : fmt::format("{}, where it is empty", lender);
}

ordered_json to_json(const run::Reset& reset, const project::Target& target) {
  ordered_json document = {{"target", target.name},
                           {"from", target.from},
                           {"tables", ordered_json::array()},
                           {"sources", reset.sources}};
  for (const run::ResetTable& table : reset.tables) {
    ordered_json item = {{"table", lake::to_text(table.table)}, {"rows", table.rows}};
    if (table.lent) {
      item["borrowed"] = true;
      item["metadata_location"] = table.lent->metadata_location;
    }
    document["tables"].push_back(std::move(item));
  }
  return document;
}

void print_reset(const run::Reset& reset, const project::Target& target) {
  for (const run::ResetTable& table : reset.tables) {
    fmt::print("{:<34}{:>14}   then read from {}\n", lake::to_text(table.table),
               rows_text(table.rows), after_text(table, target.from));
  }
}

}  // namespace

Result<int> run_target_list(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  const project::Project& project = workspace->project();
  ordered_json document = ordered_json::array();
  for (const project::Target& target : project.targets) {
    const bool is_default = target.name == project.default_target;
    document.push_back({{"target", target.name},
                        {"default", is_default},
                        {"warehouse", target.warehouse},
                        {"from", target.from}});
    if (!line.json) {
      fmt::print("{:<16}{}{}{}\n", target.name, target.warehouse,
                 target.from.empty() ? "" : ", reads the tables of " + target.from,
                 is_default ? " (default)" : "");
    }
  }
  if (line.json) {
    fmt::print("{}\n", document.dump(2));
  }
  return 0;
}

Result<int> run_target_reset(const CommandLine& line) {
  WorkspaceOptions where = line.workspace;
  if (!where.target.empty() && where.target != line.reset_target) {
    return base::invalid_input(fmt::format("'target reset {}' and --target {} name two targets",
                                           line.reset_target, where.target));
  }
  where.target = line.reset_target;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(where));
  const std::string select = base::join(line.select, " ");
  const std::string exclude = base::join(line.exclude, " ");
  const project::Analysis* analysis = nullptr;
  if (!select.empty() || !exclude.empty()) {
    SLUICE_ASSIGN_OR_RETURN(analysis, workspace->analyze());
  }
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  const project::Target& target = workspace->target();
  SLUICE_ASSIGN_OR_RETURN(const run::Reset reset,
                          run::find_reset(workspace->project(), target, analysis,
                                          workspace->catalog(), select, exclude));
  if (!line.json) {
    print_reset(reset, target);
  }
  if (reset.tables.empty() && reset.sources.empty()) {
    if (line.json) {
      fmt::print("{}\n", to_json(reset, target).dump(2));
    } else {
      fmt::print("{} has no table of its own{}\n", target.name,
                 analysis == nullptr ? "" : " among those");
    }
    return 0;
  }
  if (!line.yes) {
    SLUICE_ASSIGN_OR_RETURN(
        const bool yes,
        confirmed(fmt::format("drop these tables of {}?", target.name),
                  "target reset asks before it drops tables, and there is no terminal: use --yes"));
    if (!yes) {
      fmt::print("nothing was done\n");
      return 0;
    }
  }
  SLUICE_RETURN_IF_ERROR(run::apply_reset(reset, workspace->catalog(), workspace->clock()));
  if (line.json) {
    fmt::print("{}\n", to_json(reset, target).dump(2));
  } else {
    fmt::print("{} {} of {} dropped; {} is as it was\n", reset.tables.size(),
               reset.tables.size() == 1 ? "table" : "tables", target.name, target.from);
  }
  return 0;
}

}  // namespace sluice::app
