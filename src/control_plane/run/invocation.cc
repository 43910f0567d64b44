#include "sluice/run/invocation.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/run/alert_book.h"
#include "sluice/run/erasure_finish.h"
#include "sluice/run/lag_alerts.h"
#include "sluice/run/model_run.h"
#include "sluice/run/recovery.h"
#include "sluice/run/run_context.h"
#include "sluice/run/source_run.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

/// Memory of `resources.memory` that stays with the front itself and with the pages of libduckdb.
constexpr std::int64_t kFrontBytes = std::int64_t{96} << 20;

control::LeverMode mode_of(project::OptimizerMode mode) {
  switch (mode) {
    case project::OptimizerMode::kOff:
      return control::LeverMode::kOff;
    case project::OptimizerMode::kShadow:
      return control::LeverMode::kShadow;
    case project::OptimizerMode::kOn:
      return control::LeverMode::kOn;
  }
  return control::LeverMode::kOff;
}

control::LeverPolicies policies_of(const project::OptimizerSettings& settings) {
  control::LeverPolicies policies;
  policies.mode = mode_of(settings.mode);
  for (const project::LeverSetting& setting : settings.levers) {
    control::LeverPolicy& policy = policies.levers[setting.lever];
    if (setting.mode) {
      policy.mode = mode_of(*setting.mode);
    }
    if (!setting.force.empty()) {
      policy.force = setting.force;
    }
  }
  return policies;
}

/// What the project says, and what the last runs followed.
struct Definitions {
  plan::ProjectObjects now;
  plan::ProjectObjects applied;
};

Result<Definitions> read_definitions(const RunParts& parts, Records& records) {
  Definitions definitions;
  definitions.now = plan::objects_of(parts.project, parts.analysis);
  SLUICE_ASSIGN_OR_RETURN(definitions.applied, records.applied_objects());
  if (parts.lender != nullptr) {
    SLUICE_ASSIGN_OR_RETURN(definitions.applied,
                            objects_in_use(std::move(definitions.applied), *parts.lender,
                                           parts.project, parts.analysis, parts.catalog));
  }
  return definitions;
}

/// Notes what the runs that are up to date followed.
Status save_applied(Records& records, const RunParts& parts, const Definitions& definitions,
                    const InvocationReport& report) {
  const project::Graph& graph = parts.analysis.graph;
  plan::ProjectObjects followed;
  for (const auto& [name, object] : definitions.now) {
    if (name.first == plan::to_text(plan::ObjectKind::kSettings) ||
        name.first == plan::to_text(plan::ObjectKind::kOptimizer)) {
      followed[name] = object;
    }
  }
  std::map<std::string_view, const project::GraphTable*> tables;
  for (const project::GraphTable& table : graph.tables) {
    tables[table.name] = &table;
  }
  for (const RunSummary& run : report.runs) {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(run.table));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, parts.catalog.find(name));
    const bool is_borrowed = entry && entry->borrowed;
    if (is_up_to_date(run.state) && !is_borrowed) {
      followed.merge(plan::objects_of_table(parts.project, *tables.at(run.table), definitions.now));
    }
  }
  return records.save_applied(followed, report.id, parts.clock.now());
}

/// The tables that the contract of a table looks at.
std::vector<std::string> contract_reads(const RunContext& context,
                                        const project::GraphTable& node) {
  const auto contract = node.kind == project::TableKind::kSource
                            ? context.project.sources[node.index].contract
                            : context.project.models[node.index].expectations;
  return contract ? context.analysis.contract_reads[*contract] : std::vector<std::string>();
}

/// Says whether `run` begins only when `other` has ended; so does a run for itself.
bool waits_for(const std::vector<ScheduledRun>& runs, std::size_t run, std::size_t other) {
  std::vector<std::size_t> open = {run};
  std::vector<bool> seen(runs.size(), false);
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    if (at == other) {
      return true;
    }
    if (seen[at]) {
      continue;
    }
    seen[at] = true;
    open.insert(open.end(), runs[at].upstream.begin(), runs[at].upstream.end());
    open.insert(open.end(), runs[at].after.begin(), runs[at].after.end());
  }
  return false;
}

/// Makes the selected runs; edges to tables outside the selection are left out: those stay as they
/// are.
Result<std::vector<ScheduledRun>> make_runs(RunContext& context, const Definitions& definitions,
                                            const InvocationOptions& options) {
  const project::Graph& graph = context.analysis.graph;
  project::Selection selection{options.select, options.exclude,
                               [&](std::size_t table) {
                                 return plan::definition_state(context.project, graph.tables[table],
                                                               definitions.now,
                                                               definitions.applied);
                               },
                               context.lender != nullptr};
  SLUICE_ASSIGN_OR_RETURN(const std::vector<std::size_t> selected,
                          project::select(context.project, graph, selection));
  std::map<std::size_t, std::size_t> position;
  std::vector<ScheduledRun> runs;
  for (const std::size_t table : selected) {
    const project::GraphTable& node = graph.tables[table];
    if (options.plan != nullptr && options.plan->find(node.name) == nullptr) {
      continue;
    }
    ScheduledRun run;
    if (node.kind == project::TableKind::kSource) {
      run.run = std::make_unique<SourceRun>(context, node.index);
    } else {
      run.run = std::make_unique<ModelRun>(context, node.index);
    }
    for (const std::size_t up : node.upstream) {
      if (const auto found = position.find(up); found != position.end()) {
        run.upstream.push_back(found->second);
      }
    }
    position[table] = runs.size();
    runs.push_back(std::move(run));
  }
  for (const auto& [table, run] : position) {
    for (const std::string& read : contract_reads(context, graph.tables[table])) {
      const auto node = graph.find(read);
      const auto other = node ? position.find(*node) : position.end();
      if (other != position.end() && !waits_for(runs, other->second, run)) {
        runs[run].after.push_back(other->second);
      }
    }
  }
  return runs;
}

std::string_view state_text(const InvocationReport& report) {
  if (report.cancelled) {
    return "cancelled";
  }
  return report.ok() ? "ok" : "failed";
}

/// Closes the invocation, and notes what its end says of every table: of runs that failed before
/// they began, and of models that are too far behind.
Status end_invocation(const RunParts& parts, Records& records, AlertBook& alerts,
                      const InvocationReport& report, std::string_view state) {
  const base::Timestamp now = parts.clock.now();
  SLUICE_ASSIGN_OR_RETURN(auto transaction,
                          metastore::Transaction::begin(parts.catalog.database()));
  SLUICE_RETURN_IF_ERROR(records.end_invocation(report.id, state, report.runs, now));
  for (const RunSummary& run : report.runs) {
    const bool is_told = run.state == RunState::kPublished;
    SLUICE_RETURN_IF_ERROR(is_told ? Status() : alerts.note_run(transaction, run));
  }
  SLUICE_RETURN_IF_ERROR(
      note_lags(transaction, alerts, parts.project, parts.analysis, parts.catalog, records, now));
  base::crash_point("run.invocation.before_end");
  return transaction.commit();
}

}  // namespace

Status check_levers(const project::Project& project) {
  return control::check_policies(policies_of(project.optimizer));
}

bool InvocationReport::ok() const {
  return !cancelled && std::all_of(runs.begin(), runs.end(), [](const RunSummary& run) {
    return is_up_to_date(run.state) && run.problems.empty();
  });
}

Result<InvocationReport> invoke(const RunParts& parts, const InvocationOptions& options,
                                const RunListener& listener, std::stop_token stop) {
  return invoke_runs(
      parts, options,
      [&](RunContext& context) -> Result<std::vector<ScheduledRun>> {
        SLUICE_ASSIGN_OR_RETURN(const Definitions definitions,
                                read_definitions(parts, context.records));
        return make_runs(context, definitions, options);
      },
      listener, std::move(stop));
}

Result<InvocationReport> invoke_runs(const RunParts& parts, const InvocationOptions& options,
                                     const RunsFactory& make_runs, const RunListener& listener,
                                     std::stop_token stop) {
  const std::int64_t started_ns = parts.clock.monotonic_ns();
  metastore::Database& database = parts.catalog.database();
  Records records(database);
  AlertBook alerts(parts.project, parts.clock, parts.random);
  records.tell(alerts);
  control::DecisionStore decisions(database);
  const control::LeverPolicies policies = policies_of(parts.project.optimizer);
  SLUICE_RETURN_IF_ERROR(control::check_policies(policies));
  const project::Resources& resources = parts.project.resources;
  const int threads = resources.threads > 0
                          ? resources.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const Capacity capacity{threads, resources.memory_bytes - kFrontBytes};

  InvocationReport report;
  report.id = base::make_id<base::InvocationId>(parts.clock, parts.random);
  // Before the recovery, which would remove what erasures have prepared in the raw zone.
  SLUICE_RETURN_IF_ERROR(finish_erasures(parts.catalog, parts.clock, parts.random));
  SLUICE_ASSIGN_OR_RETURN(report.repaired,
                          recover(parts.catalog, parts.files, records, parts.clock));
  SLUICE_RETURN_IF_ERROR(parts.files.remove_all(options.spill_dir));
  SLUICE_RETURN_IF_ERROR(parts.files.make_dirs(options.spill_dir));
  SLUICE_RETURN_IF_ERROR(records.begin_invocation(
      {report.id, options.target, options.program_version, ::getpid(), parts.clock.now()}));

  Scheduler scheduler(parts.engine, capacity, listener, options.on_progress);
  RunContext context{parts.project,
                     parts.analysis,
                     parts.catalog,
                     database,
                     parts.files,
                     records,
                     decisions,
                     policies,
                     parts.clock,
                     parts.random,
                     parts.log,
                     report.id,
                     options.spill_dir,
                     threads,
                     capacity.memory_bytes,
                     options.full_refresh,
                     [&scheduler] { return scheduler.jobs_waiting(); },
                     stop,
                     {},
                     options.plan,
                     parts.lender};
  SLUICE_ASSIGN_OR_RETURN(context.published, records.published_states());
  SLUICE_ASSIGN_OR_RETURN(const Definitions definitions, read_definitions(parts, records));
  SLUICE_ASSIGN_OR_RETURN(auto runs, make_runs(context));
  if (options.on_planned) {
    options.on_planned(runs.size());
  }
  const Status driven = scheduler.drive(runs, stop);
  for (const ScheduledRun& run : runs) {
    report.runs.push_back(run.run->summary());
  }
  report.cancelled = !driven && driven.error().kind == base::ErrorKind::kCancelled;
  SLUICE_RETURN_IF_ERROR(save_applied(records, parts, definitions, report));
  SLUICE_ASSIGN_OR_RETURN(report.erasures,
                          finish_erasures(parts.catalog, parts.clock, parts.random));
  report.wall_us = (parts.clock.monotonic_ns() - started_ns) / 1000;
  SLUICE_RETURN_IF_ERROR(
      end_invocation(parts, records, alerts, report,
                     driven || report.cancelled ? state_text(report) : std::string_view("failed")));
  SLUICE_RETURN_IF_ERROR(parts.files.remove_all(options.spill_dir));
  if (!driven && !report.cancelled) {
    return driven.error();
  }
  return report;
}

}  // namespace sluice::run
