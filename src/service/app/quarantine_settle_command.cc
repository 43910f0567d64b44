#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/user_name.h"
#include "sluice/app/version.h"
#include "sluice/base/text.h"
#include "sluice/run/quarantine_verbs.h"

namespace sluice::app {

namespace {

using base::Result;
using Json = nlohmann::ordered_json;

run::QuarantineRequest request_of(const Workspace& workspace, const CommandLine& line) {
  run::QuarantineRequest request;
  request.source = line.quarantine_source;
  request.rule = line.quarantine_rule;
  request.column = line.quarantine_column;
  request.by = user_name();
  request.note = line.reason;
  request.limits = workspace.reader_limits();
  request.scratch = fmt::format("{}/replay-{}", workspace.state_dir(), ::getpid());
  return request;
}

run::InvocationOptions options_of(const Workspace& workspace) {
  run::InvocationOptions options;
  options.target = workspace.target().name;
  options.program_version = kProgramVersion;
  options.spill_dir = workspace.state_dir() + "/spill";
  return options;
}

run::RunParts parts_of(Workspace& workspace, const project::Analysis& analysis) {
  return {workspace.project(), analysis,           workspace.catalog(),
          workspace.files(),   workspace.engine(), workspace.clock(),
          workspace.random(),  workspace.log(),    workspace.lender()};
}

std::string rules_text(const std::vector<job::RefusedCount>& counts) {
  std::vector<std::string> parts;
  for (const job::RefusedCount& count : counts) {
    parts.push_back(fmt::format("{} {}{}", base::format_count(count.records), count.rule,
                                count.column.empty() ? "" : "(" + count.column + ")"));
  }
  return base::join(parts, ", ");
}

Json rules_json(const std::vector<job::RefusedCount>& counts) {
  Json rules = Json::array();
  for (const job::RefusedCount& count : counts) {
    rules.push_back({{"rule", count.rule}, {"column", count.column}, {"records", count.records}});
  }
  return rules;
}

/// Prints what became of each source; `done` says what happened to the rows of a published run.
int print_report(const run::InvocationReport& report, bool json, const char* done) {
  if (json) {
    Json document = {{"invocation", report.id.text}, {"ok", report.ok()}};
    document["sources"] = Json::array();
    for (const run::RunSummary& run : report.runs) {
      document["sources"].push_back({{"source", run.table},
                                     {"run", run.id.text},
                                     {"state", run::to_text(run.state)},
                                     {"reason", run.reason},
                                     {"error", run.error},
                                     {done, run.rows},
                                     {"still_refused", run.refused},
                                     {"refused_by", rules_json(run.refused_by)},
                                     {"problems", run.problems}});
    }
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    for (const std::string& line : report.repaired) {
      fmt::print("repaired    {}\n", line);
    }
    for (const run::RunSummary& run : report.runs) {
      const bool published = run.state == run::RunState::kPublished;
      std::string text = published ? fmt::format("{} {}", base::format_count(run.rows), done)
                         : run.error.empty() ? run.reason
                                             : run.error;
      if (run.refused > 0) {
        text += fmt::format(", {} still refused: {}", base::format_count(run.refused),
                            rules_text(run.refused_by));
      }
      fmt::print("{:<12}{:<28} {}\n", run::to_text(run.state), run.table, text);
      for (const std::string& problem : run.problems) {
        fmt::print("{:<12}problem: {}\n", "", problem);
      }
    }
  }
  if (report.cancelled) {
    return base::exit_code(base::ErrorKind::kCancelled);
  }
  return report.ok() ? 0 : 1;
}

Result<int> print_preview(Workspace& workspace, const project::Analysis& analysis,
                          const CommandLine& line, std::stop_token stop) {
  SLUICE_RETURN_IF_ERROR(workspace.open_for_reading());
  const run::QuarantineRequest request = request_of(workspace, line);
  SLUICE_ASSIGN_OR_RETURN(const auto previews,
                          run::preview_replay(workspace.project(), analysis, workspace.catalog(),
                                              workspace.engine(), request, std::move(stop)));
  SLUICE_RETURN_IF_ERROR(workspace.files().remove_all(request.limits.spill_dir));
  if (line.json) {
    Json document = {{"dry_run", true}};
    document["sources"] = Json::array();
    for (const run::ReplayPreview& preview : previews) {
      document["sources"].push_back({{"source", preview.source},
                                     {"open", preview.open},
                                     {"would_pass", preview.would_pass},
                                     {"would_stay", preview.would_stay},
                                     {"refused_by", rules_json(preview.refused_by)},
                                     {"problems", preview.problems}});
    }
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  for (const run::ReplayPreview& preview : previews) {
    fmt::print("{:<28} {} open: {} would pass, {} would stay{}{}\n", preview.source,
               base::format_count(preview.open), base::format_count(preview.would_pass),
               base::format_count(preview.would_stay), preview.refused_by.empty() ? "" : ": ",
               rules_text(preview.refused_by));
    for (const std::string& problem : preview.problems) {
      fmt::print("{:<28} problem: {}\n", "", problem);
    }
  }
  return 0;
}

}  // namespace

Result<int> run_quarantine_replay(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  if (line.dry_run) {
    return print_preview(*workspace, *analysis, line, stop.token());
  }
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_ASSIGN_OR_RETURN(
      const run::InvocationReport report,
      run::replay_quarantine(parts_of(*workspace, *analysis), options_of(*workspace),
                             request_of(*workspace, line), {}, stop.token()));
  const int code = print_report(report, line.json, "replayed");
  const bool published = std::any_of(report.runs.begin(), report.runs.end(), [](const auto& run) {
    return run.state == run::RunState::kPublished && run.rows > 0;
  });
  if (published && !line.json) {
    fmt::print("next: 'sluice run' refreshes the models that read them\n");
  }
  return code;
}

Result<int> run_quarantine_waive(const CommandLine& line) {
  const StopSignal stop;
  if (!line.undo && base::trim(line.reason).empty()) {
    return base::invalid_input(
        "a waive needs its reason: --reason 'why these records may be lost'");
  }
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_ASSIGN_OR_RETURN(
      const run::InvocationReport report,
      run::waive_quarantine(parts_of(*workspace, *analysis), options_of(*workspace),
                            request_of(*workspace, line), line.undo, {}, stop.token()));
  return print_report(report, line.json, line.undo ? "opened" : "waived");
}

}  // namespace sluice::app
