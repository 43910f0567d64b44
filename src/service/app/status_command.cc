#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/app/workspace.h"
#include "sluice/base/text.h"
#include "sluice/lake/holds.h"
#include "sluice/run/table_standing.h"

namespace sluice::app {

namespace {

using base::Result;
using nlohmann::ordered_json;
using run::Standing;
using run::TableStanding;

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kHourUs = 3600 * kSecondUs;
constexpr std::int64_t kDayUs = 24 * kHourUs;

/// Ages go from seconds to months.
std::string age_text(std::int64_t us) {
  if (us >= 2 * kDayUs) {
    return fmt::format("{} d {} h", us / kDayUs, us % kDayUs / kHourUs);
  }
  if (us >= kHourUs) {
    return fmt::format("{} h {:02} m", us / kHourUs, us % kHourUs / (60 * kSecondUs));
  }
  return base::format_duration_us(std::max<std::int64_t>(us, 0));
}

std::string utc_text(std::int64_t us) { return base::format_iso8601({us / kSecondUs * kSecondUs}); }

std::string run_text(const run::LastRun& last) {
  std::string text = last.state;
  if (last.rows) {
    text +=
        fmt::format(", {} {}", base::format_count(*last.rows), *last.rows == 1 ? "row" : "rows");
  }
  if (last.wall_us) {
    text += " in " + base::format_duration_us(*last.wall_us);
  }
  return text;
}

/// What stands below a table's line: why it is not fresh, and whose it is.
std::vector<std::string> details_of(const TableStanding& table, const std::string& lender,
                                    std::int64_t now_us) {
  std::vector<std::string> details;
  if (table.entry && table.entry->borrowed) {
    details.push_back(table.entry->current_snapshot_id
                          ? fmt::format("borrowed from {} at snapshot {}", lender,
                                        *table.entry->current_snapshot_id)
                          : fmt::format("borrowed from {}, where it is empty", lender));
  } else if (!lender.empty() && table.entry) {
    details.push_back(!table.lent           ? fmt::format("own; {} has none", lender)
                      : table.lent_is_newer ? fmt::format("own, older than the one of {}", lender)
                                            : "own");
  }
  std::string why = table.reason;
  if (table.since_us && table.standing != Standing::kFresh) {
    why += fmt::format("{}for {}", why.empty() ? "" : ", ", age_text(now_us - *table.since_us));
  }
  if (table.limit_us && table.standing == Standing::kLate) {
    why += table.limit == "target_lag" ? fmt::format(" (target_lag {})", age_text(*table.limit_us))
                                       : fmt::format(" ({})", table.limit);
  }
  if (!why.empty()) {
    details.push_back(why);
  }
  if (table.last_run && !table.last_run->error.empty()) {
    details.push_back(table.last_run->error);
  }
  return details;
}

void add_last_run(const TableStanding& table, ordered_json& json) {
  json["last_run"] = table.last_run ? table.last_run->state : "";
  json["last_error"] = table.last_run ? table.last_run->error : "";
  if (table.last_run) {
    const run::LastRun& last = *table.last_run;
    json["last_run_at"] = base::format_iso8601({last.started_us});
    if (last.wall_us) {
      json["last_run_s"] = static_cast<double>(*last.wall_us) / 1e6;
    }
    if (last.rows) {
      json["last_run_rows"] = *last.rows;
    }
    if (last.refused) {
      json["last_run_refused"] = *last.refused;
    }
  }
}

ordered_json to_json(const TableStanding& table, std::int64_t now_us) {
  ordered_json json = {{"table", table.table},
                       {"kind", table.kind},
                       {"state", run::to_text(table.standing)},
                       {"reason", table.reason}};
  if (table.since_us) {
    json["stale_since"] = base::format_iso8601({*table.since_us});
    json["stale_s"] = static_cast<double>(now_us - *table.since_us) / 1e6;
  }
  if (table.limit_us) {
    json["limit"] = table.limit;
    json["limit_s"] = static_cast<double>(*table.limit_us) / 1e6;
  }
  add_last_run(table, json);
  if (!table.entry) {
    return json;
  }
  json["borrowed"] = table.entry->borrowed;
  if (table.lent) {
    json["lender_metadata_location"] = table.lent->metadata_location;
    json["lender_is_newer"] = table.lent_is_newer;
  }
  json["metadata_location"] = table.entry->metadata_location;
  if (table.entry->current_snapshot_id) {
    json["snapshot_id"] = *table.entry->current_snapshot_id;
  }
  json["snapshots"] = table.snapshots;
  json["rows"] = table.rows;
  json["files"] = table.files;
  json["bytes"] = table.bytes;
  json["updated_at"] = base::format_iso8601({table.updated_ms * 1000});
  return json;
}

void print_table(const TableStanding& table, const std::string& lender, std::int64_t now_us) {
  const std::string state(run::to_text(table.standing));
  if (!table.entry) {
    fmt::print("{:<28}{:<81}{}\n", table.table, state,
               table.last_run ? run_text(*table.last_run) : "");
  } else {
    fmt::print("{:<28}{:<10}{:>12}{:>7}{:>10}{:>11}  {:<21}{}\n", table.table, state,
               base::format_count(table.rows), base::format_count(table.files),
               base::format_bytes(static_cast<std::uint64_t>(table.bytes)), table.snapshots,
               utc_text(table.updated_ms * 1000), table.last_run ? run_text(*table.last_run) : "");
  }
  for (const std::string& detail : details_of(table, lender, now_us)) {
    fmt::print("{:<28}{}\n", "", detail);
  }
}

std::string holder_text(const lake::Hold& hold) {
  return hold.reader.empty()
             ? std::string("a reader that cannot be told")
             : fmt::format("{} (pid {}, since {})", hold.reader, hold.pid, hold.since);
}

}  // namespace

Result<int> run_status(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  yaml::Diagnostics wrong;
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze(wrong));
  SLUICE_ASSIGN_OR_RETURN(
      const auto tables,
      run::table_standings({workspace->project(), analysis, workspace->catalog(),
                            workspace->files(), workspace->clock(), workspace->lender()}));
  SLUICE_ASSIGN_OR_RETURN(const auto holds, lake::list_holds(workspace->holds_dir()));
  const std::int64_t now_us = workspace->clock().now().us;
  const project::Target& target = workspace->target();
  if (line.json) {
    ordered_json document;
    document["project"] = workspace->project().name;
    document["target"] = target.name;
    document["from"] = target.from;
    document["warehouse"] = target.warehouse;
    document["tables"] = ordered_json::array();
    document["not_built"] = ordered_json::array();
    for (const TableStanding& table : tables) {
      document[table.entry ? "tables" : "not_built"].push_back(to_json(table, now_us));
    }
    document["holds"] = ordered_json::array();
    for (const lake::Hold& hold : holds) {
      document["holds"].push_back(ordered_json::parse(lake::to_json(hold)));
    }
    fmt::print("{}\n", document.dump(2, ' ', false, ordered_json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{} (target {}{}), warehouse {}\n\n", workspace->project().name, target.name,
             target.from.empty() ? "" : ", tables of " + target.from + " where it has none",
             target.warehouse);
  fmt::print("{:<28}{:<10}{:>12}{:>7}{:>10}{:>11}  {:<21}{}\n", "table", "state", "rows", "files",
             "size", "snapshots", "updated", "last run");
  for (const TableStanding& table : tables) {
    print_table(table, target.from, now_us);
  }
  for (const lake::Hold& hold : holds) {
    fmt::print("\nread now by {}\n", holder_text(hold));
  }
  if (analysis == nullptr) {
    fmt::print(
        "\nwhich tables are fresh cannot be told, for the project is wrong: 'sluice "
        "validate' says what\n");
  }
  return 0;
}

}  // namespace sluice::app
