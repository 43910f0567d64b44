#include "sluice/run/erasure_verb.h"

#include <unistd.h>

#include <utility>

#include "sluice/base/text.h"
#include "sluice/run/recovery.h"

namespace sluice::run {

using base::Result;
using base::Status;

namespace {

/// Looks and commits, within an invocation of its own.
Status look_and_commit(const RunParts& parts, const ErasureScan& scan, const ErasureOptions& wanted,
                       Records& records, ErasureOutcome& outcome, const std::stop_token& stop) {
  SLUICE_ASSIGN_OR_RETURN(outcome.plan, plan_erasure(scan, wanted, stop));
  if (outcome.plan.sources.empty()) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(outcome.erasure, commit_erasure(scan, wanted, outcome.plan, records,
                                                          parts.clock, parts.random, stop));
  return {};
}

}  // namespace

Result<ErasureOutcome> erase(const RunParts& parts, const InvocationOptions& options,
                             const ErasureScan& scan, ErasureOptions wanted,
                             const RunListener& listener, std::stop_token stop) {
  Records records(parts.catalog.database());
  SLUICE_RETURN_IF_ERROR(finish_erasures(parts.catalog, parts.clock, parts.random));
  SLUICE_RETURN_IF_ERROR(recover(parts.catalog, parts.files, records, parts.clock));
  wanted.invocation = base::make_id<base::InvocationId>(parts.clock, parts.random);
  SLUICE_RETURN_IF_ERROR(records.begin_invocation(
      {wanted.invocation, options.target, options.program_version, ::getpid(), parts.clock.now()}));
  ErasureOutcome outcome;
  const Status committed = look_and_commit(parts, scan, wanted, records, outcome, stop);
  if (!committed) {
    // What was staged goes with the recovery at the start of the next run.
    return committed.error();
  }
  SLUICE_RETURN_IF_ERROR(records.end_invocation(wanted.invocation, "ok", {}, parts.clock.now()));
  if (!outcome.erasure) {
    return outcome;
  }
  SLUICE_ASSIGN_OR_RETURN(auto finished, finish_erasures(parts.catalog, parts.clock, parts.random));
  if (!outcome.plan.models.empty()) {
    InvocationOptions refresh = options;
    refresh.select = base::join(outcome.plan.models, " ");
    refresh.full_refresh = true;
    SLUICE_ASSIGN_OR_RETURN(InvocationReport report,
                            invoke(parts, refresh, listener, std::move(stop)));
    outcome.runs = std::move(report.runs);
    finished = std::move(report.erasures);
  }
  for (FinishedErasure& one : finished) {
    if (one.erasure.id == outcome.erasure->id) {
      outcome.erasure = std::move(one.erasure);
      outcome.waiting = std::move(one.waiting);
    }
  }
  return outcome;
}

}  // namespace sluice::run
