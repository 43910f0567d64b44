#include "sluice/app/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/app/stop_signal.h"
#include "sluice/app/workspace.h"
#include "sluice/base/text.h"
#include "sluice/project/connection.h"
#include "sluice/run/table_delivery.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;

Status check_options(const CommandLine& line) {
  const std::string scheme = line.to.substr(0, line.to.find("://"));
  if (!line.to.starts_with("${") && scheme != "postgresql" && scheme != "postgres") {
    return base::invalid_input(fmt::format(
        "exports go into a file or into PostgreSQL (postgresql://...), not to {}://", scheme));
  }
  const std::string_view password = project::password_in(line.to);
  if (!password.empty() && !password.starts_with("${")) {
    return base::invalid_input(
        "a password on the command line is seen by everybody on this machine: write ${NAME} for "
        "it, in single quotes, and export NAME");
  }
  if (!line.compression.empty() || line.overwrite || line.delimiter != ",") {
    return base::invalid_input("--compression, --delimiter and --overwrite are for files");
  }
  if (line.mode == "upsert" && line.key.empty()) {
    return base::invalid_input("--mode upsert needs --key: the columns that tell rows apart");
  }
  if (line.table.empty() && !is_table_name(line.exported)) {
    return base::invalid_input("--table must name the table into which a SELECT's rows go");
  }
  const auto dots = std::count(line.table.begin(), line.table.end(), '.');
  if (dots > 1 || line.table.starts_with('.') || line.table.ends_with('.')) {
    return base::invalid_input(
        fmt::format("--table '{}' names no table: write name or schema.name", line.table));
  }
  return {};
}

Result<run::TableDelivery> read_options(const CommandLine& line, const Workspace& workspace) {
  SLUICE_ASSIGN_OR_RETURN(auto connection,
                          project::expand_connection(workspace.project(), line.to, "--to"));
  run::TableDelivery wanted;
  wanted.connection = std::move(connection.text);
  wanted.secrets = std::move(connection.secrets);
  wanted.table =
      line.table.empty() ? line.exported.substr(line.exported.rfind('.') + 1) : line.table;
  wanted.mode = line.mode == "append"   ? job::DeliverMode::kAppend
                : line.mode == "upsert" ? job::DeliverMode::kUpsert
                                        : job::DeliverMode::kReplace;
  if (!line.key.empty()) {
    for (const std::string& column : base::split(line.key, ',')) {
      wanted.key.emplace_back(base::trim(column));
    }
  }
  wanted.dry_run = line.dry_run;
  wanted.query.sql = exported_statement(line.exported);
  if (!line.at.empty()) {
    wanted.query.at = line.at;
  }
  return wanted;
}

void print(const CommandLine& line, const job::DeliverResult& delivered) {
  if (line.json) {
    nlohmann::ordered_json answer = {{"ok", true},
                                     {"table", delivered.table},
                                     {"rows", delivered.rows},
                                     {"created", delivered.created},
                                     {"repeated", delivered.repeated}};
    if (line.dry_run) {
      answer["dry_run"] = true;
      answer["definition"] = delivered.definition;
    }
    fmt::print("{}\n", answer.dump());
    return;
  }
  const std::string rows = fmt::format("{} {}", base::format_count(delivered.rows),
                                       delivered.rows == 1 ? "row" : "rows");
  if (delivered.repeated) {
    fmt::print("{}: these rows were appended before, nothing to do\n", delivered.table);
  } else if (line.dry_run) {
    fmt::print("{}: {} would be written ({})\n{}", delivered.table, rows,
               line.mode.empty() ? "replace" : line.mode,
               delivered.created ? delivered.definition + ";\n" : "");
  } else {
    fmt::print("{}{}: {}\n", delivered.table, delivered.created ? " (made)" : "", rows);
  }
}

}  // namespace

Result<int> run_delivery(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_RETURN_IF_ERROR(check_options(line));
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(run::TableDelivery wanted, read_options(line, *workspace));
  wanted.query.limits = workspace->reader_limits();
  SLUICE_ASSIGN_OR_RETURN(auto hold, workspace->hold("export"));
  wanted.query.hold = hold ? &*hold : nullptr;
  wanted.query.lent_hold = workspace->loan_hold();
  const auto delivered = run::deliver_rows(wanted, workspace->catalog(), workspace->frontend(),
                                           workspace->engine(), stop.token());
  SLUICE_RETURN_IF_ERROR(workspace->files().remove_all(wanted.query.limits.spill_dir));
  if (!delivered) {
    return delivered.error();
  }
  print(line, *delivered);
  return 0;
}

}  // namespace sluice::app
