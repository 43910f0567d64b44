#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/lake/catalog.h"
#include "sluice/plan/plan.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/erasure_finish.h"
#include "sluice/run/lender.h"
#include "sluice/run/run_context.h"
#include "sluice/run/scheduler.h"
#include "sluice/storage/file_io.h"
#include "sluice/telemetry/log.h"

namespace sluice::run {

/// The parts that an invocation works with, made by the program. All outlive it.
struct RunParts {
  const project::Project& project;
  const project::Analysis& analysis;
  lake::Catalog& catalog;
  storage::FileIo& files;
  engine::Engine& engine;
  const base::Clock& clock;
  base::Random& random;
  telemetry::Logger& log;
  const Lender* lender = nullptr;  // of a target that borrows tables
};

struct InvocationOptions {
  std::string target;
  std::string program_version;
  std::string spill_dir;  // absolute; emptied at the start and the end
  std::string select;     // as project::Selection reads them; "" for all
  std::string exclude;
  bool full_refresh = false;         // refresh models that are fresh, too
  const plan::Plan* plan = nullptr;  // run what it says, over the files that it names, alone
  std::function<void(std::size_t runs)> on_planned;  // told how many tables are looked at
  ProgressListener on_progress;
};

struct InvocationReport {
  base::InvocationId id;
  std::vector<RunSummary> runs;           // in topological order
  std::vector<std::string> repaired;      // what earlier invocations left behind
  std::vector<FinishedErasure> erasures;  // that were still open at the end of the runs
  std::int64_t wall_us = 0;
  bool cancelled = false;

  /// Says whether every table that was looked at is up to date and every file could be read.
  bool ok() const;
};

/// Makes the runs of an invocation; the context outlives them.
using RunsFactory = std::function<base::Result<std::vector<ScheduledRun>>(RunContext&)>;

/// Opens an invocation, settles what a process that died left behind, drives the runs that
/// `make_runs` gives, and closes it. A run that fails is told in the report; an Error means that
/// nothing more could be done.
base::Result<InvocationReport> invoke_runs(const RunParts& parts, const InvocationOptions& options,
                                           const RunsFactory& make_runs,
                                           const RunListener& listener, std::stop_token stop);

/// Says whether `optimizer.levers` names levers and candidates that there are. kInvalidInput.
base::Status check_levers(const project::Project& project);

/// Brings every selected table up to date: takes in what sources have, then refreshes models whose
/// definition or inputs changed, side by side within `resources`. First settles what a process that
/// died left behind. A run that fails is told in the report; an Error means that nothing more could
/// be done (the metastore failed, the selection names no table, the levers are wrong).
base::Result<InvocationReport> invoke(const RunParts& parts, const InvocationOptions& options,
                                      const RunListener& listener, std::stop_token stop);

}  // namespace sluice::run
