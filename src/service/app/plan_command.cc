#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include "sluice/app/commands.h"
#include "sluice/app/confirmation.h"
#include "sluice/app/invocation_command.h"
#include "sluice/app/plan_printer.h"
#include "sluice/app/version.h"
#include "sluice/base/text.h"
#include "sluice/plan/plan.h"
#include "sluice/run/planning.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::app {

namespace {

using base::Result;

constexpr std::int64_t kPlanBytesMax = std::int64_t{256} << 20;

Result<run::PlanningOptions> planning_options(const CommandLine& line, const Workspace& workspace) {
  run::PlanningOptions options;
  options.target = workspace.target().name;
  options.program_version = kProgramVersion;
  options.select = base::join(line.select, " ");
  options.exclude = base::join(line.exclude, " ");
  options.full_refresh = line.full_refresh;
  SLUICE_ASSIGN_OR_RETURN(options.variables, given_variables(line.workspace.variables));
  return options;
}

Result<plan::Plan> make_plan(Workspace& workspace, const project::Analysis& analysis,
                             const run::PlanningOptions& options) {
  return run::make_plan({workspace.project(), analysis, workspace.catalog(), workspace.files(),
                         workspace.clock(), workspace.lender()},
                        options);
}

/// Reads a plan's file; it may be relative to the working folder.
Result<plan::Plan> read_plan(const std::string& name) {
  const auto io = storage::make_local_file_io();
  SLUICE_ASSIGN_OR_RETURN(
      const std::string text,
      io->read_all(std::filesystem::absolute(name).lexically_normal().string(), kPlanBytesMax));
  auto plan = plan::parse_plan(text);
  return plan ? plan : plan.error().in(name);
}

}  // namespace

Result<int> run_plan(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_planning());
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  SLUICE_ASSIGN_OR_RETURN(const auto options, planning_options(line, *workspace));
  SLUICE_ASSIGN_OR_RETURN(const plan::Plan plan, make_plan(*workspace, *analysis, options));
  if (line.json) {
    fmt::print("{}\n", plan::to_json(plan));
  } else {
    print_plan(plan, stdout);
  }
  if (!line.plan_file.empty()) {
    const std::string path = std::filesystem::absolute(line.plan_file).lexically_normal().string();
    SLUICE_RETURN_IF_ERROR(workspace->files().write_atomic(path, plan::to_json(plan) + "\n"));
    if (!line.json) {
      fmt::print("\nkept in {}; 'sluice apply {}' does exactly this\n", line.plan_file,
                 line.plan_file);
    }
  }
  return 0;
}

Result<int> run_apply(const CommandLine& line) {
  StopSignal stop;  // before any thread is started: they inherit what it blocks
  WorkspaceOptions where = line.workspace;
  std::optional<plan::Plan> planned;
  if (!line.plan_file.empty()) {
    SLUICE_ASSIGN_OR_RETURN(planned, read_plan(line.plan_file));
    if (!line.select.empty() || !line.exclude.empty() || !where.variables.empty()) {
      return base::invalid_input(
          "the plan says what is applied: --select, --exclude and --var "
          "belong to 'sluice plan'");
    }
    if (!where.target.empty() && where.target != planned->target) {
      return base::invalid_input(fmt::format("{} is a plan for target {}, not {}", line.plan_file,
                                             planned->target, where.target));
    }
    where.target = planned->target;
    for (const auto& [name, value] : planned->variables) {
      where.variables.push_back(fmt::format("{}={}", name, value));
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(where));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  SLUICE_ASSIGN_OR_RETURN(auto options, planning_options(line, *workspace));
  if (planned) {
    if (planned->project != workspace->project().name) {
      return base::invalid_input(fmt::format("{} is a plan for project {}, not {}", line.plan_file,
                                             planned->project, workspace->project().name));
    }
    options.select = planned->select;
    options.exclude = planned->exclude;
    options.full_refresh = planned->full_refresh;
  }
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_ASSIGN_OR_RETURN(const plan::Plan now, make_plan(*workspace, *analysis, options));
  if (planned) {
    if (const auto lines = plan::moved(*planned, now); !lines.empty()) {
      return base::conflict(fmt::format(
          "nothing was done, for the world is not the one that {} was made for:\n  {}\nmake the "
          "plan again",
          line.plan_file, base::join(lines, "\n  ")));
    }
  } else {
    if (!line.json) {
      print_plan(now, stdout);
    }
    if (!line.yes && !now.runs.empty()) {
      SLUICE_ASSIGN_OR_RETURN(
          const bool yes,
          confirmed("apply this plan?",
                    "apply asks before it begins, and there is no terminal: use --yes, or make a "
                    "plan with 'sluice plan --out plan.json' and apply that"));
      if (!yes) {
        fmt::print("nothing was done\n");
        return 0;
      }
    }
  }
  run::InvocationOptions invocation;
  invocation.select = options.select;
  invocation.exclude = options.exclude;
  invocation.full_refresh = options.full_refresh;
  invocation.plan = &now;
  return invoke_and_print(*workspace, *analysis, std::move(invocation), line.json, stop);
}

}  // namespace sluice::app
