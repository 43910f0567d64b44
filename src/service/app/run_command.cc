#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "sluice/app/alert_delivery.h"
#include "sluice/app/commands.h"
#include "sluice/app/invocation_command.h"
#include "sluice/app/run_printer.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/version.h"
#include "sluice/base/text.h"
#include "sluice/project/init.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::app {

using base::Result;

Result<int> run_init(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto files, project::init_template(line.init_name));
  const auto io = storage::make_local_file_io();
  const std::string root = std::filesystem::absolute(line.init_name).string();
  SLUICE_ASSIGN_OR_RETURN(const bool taken, io->exists(root));
  if (taken) {
    return base::already_exists(fmt::format("{} exists; choose another name", root));
  }
  for (const auto& [name, text] : files) {
    const std::string path = storage::join_path(root, name);
    SLUICE_RETURN_IF_ERROR(io->make_dirs(storage::parent_of(path)));
    SLUICE_RETURN_IF_ERROR(io->write_new(path, text));
  }
  fmt::print("made {} with {} files; next:\n  cd {} && sluice validate && sluice run\n", root,
             files.size(), line.init_name);
  return 0;
}

namespace {

/// Runs, and prints how it goes.
Result<run::InvocationReport> invoke_watched(const run::RunParts& parts,
                                             run::InvocationOptions options, bool quiet,
                                             StopSignal& stop) {
  RunPrinter printer(stdout, quiet);
  options.on_planned = [&](std::size_t runs) { printer.planned(runs); };
  if (printer.is_live()) {
    options.on_progress = [&](const std::string& table, const job::Progress& progress) {
      printer.progressed(table, progress);
    };
    stop.tell_by([&] { printer.stopping(); });
  }
  auto report = run::invoke(
      parts, options,
      [&](const run::RunSummary& summary, const run::Stage* stage) {
        printer.told(summary, stage);
      },
      stop.token());
  stop.tell_by({});
  if (report) {
    printer.finish(*report);
  }
  return report;
}

}  // namespace

Result<int> invoke_and_print(Workspace& workspace, const project::Analysis& analysis,
                             run::InvocationOptions options, bool json, StopSignal& stop) {
  const run::RunParts parts{workspace.project(), analysis,           workspace.catalog(),
                            workspace.files(),   workspace.engine(), workspace.clock(),
                            workspace.random(),  workspace.log(),    workspace.lender()};
  options.target = workspace.target().name;
  options.program_version = kProgramVersion;
  options.spill_dir = workspace.state_dir() + "/spill";
  SLUICE_ASSIGN_OR_RETURN(const run::InvocationReport report,
                          invoke_watched(parts, std::move(options), json, stop));
  deliver_alerts(workspace, stop.token());
  if (json) {
    fmt::print("{}\n", report_json(report));
  }
  if (report.cancelled) {
    fmt::print(stderr, "sluice: stopped; what was published stays, the next run goes on\n");
    return base::exit_code(base::ErrorKind::kCancelled);
  }
  return report.ok() ? 0 : 1;
}

Result<int> run_run(const CommandLine& line) {
  StopSignal stop;  // before any thread is started: they inherit what it blocks
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  run::InvocationOptions options;
  options.select = base::join(line.select, " ");
  options.exclude = base::join(line.exclude, " ");
  options.full_refresh = line.full_refresh;
  return invoke_and_print(*workspace, *analysis, std::move(options), line.json, stop);
}

}  // namespace sluice::app
