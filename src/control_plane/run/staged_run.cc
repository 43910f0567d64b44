#include "sluice/run/staged_run.h"

#include <utility>

#include "sluice/run/run_ending.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

using base::Result;
using base::Status;

StagedRun::StagedRun(RunContext& context, const std::string& table)
    : context_(context), ledger_(context, summary_) {
  summary_.table = table;
}

Status StagedRun::move(RunEvent event) {
  SLUICE_ASSIGN_OR_RETURN(summary_.state, transition(summary_.state, event));
  return {};
}

Status StagedRun::skip(RunEvent event, const std::string& reason) {
  summary_.reason = reason;
  return move(event);
}

std::int64_t StagedRun::elapsed_us() const {
  return (context_.clock.monotonic_ns() - started_ns_) / 1000;
}

Result<std::optional<Stage>> StagedRun::advance(std::optional<Result<job::Response>> answer) {
  Result<std::optional<Stage>> next = std::optional<Stage>();
  if (!answer) {
    started_ns_ = context_.clock.monotonic_ns();
    next = begin();
  } else if (std::exchange(in_task_, false)) {
    next = *answer ? after_task() : Result<std::optional<Stage>>(answer->error());
  } else {
    SLUICE_ASSIGN_OR_RETURN(auto again, ledger_.record(*answer));
    if (again) {
      return again;
    }
    next = *answer ? go_on(std::move((*answer)->answer))
                   : Result<std::optional<Stage>>(answer->error());
  }
  if (!next) {
    SLUICE_RETURN_IF_ERROR(fail(next.error()));
    return std::optional<Stage>();
  }
  in_task_ = *next && (*next)->task != nullptr;
  return next;
}

Result<std::optional<Stage>> StagedRun::after_task() {
  return base::internal_error("a run that asked for no task has ended one");
}

Status StagedRun::fail(const base::Error& error) {
  if (error.kind == base::ErrorKind::kCommitStateUnknown) {
    // The files may be the table's by now, so they stay, and the run stays open: the next
    // invocation looks its commit up.
    staged_.clear();
    recorded_ = false;
  }
  return end_unpublished(
      error.kind == base::ErrorKind::kCancelled ? RunEvent::kCancel : RunEvent::kError,
      error.message);
}

Status StagedRun::end_unpublished(RunEvent event, const std::string& error) {
  summary_.error = error;
  summary_.wall_us = elapsed_us();
  SLUICE_RETURN_IF_ERROR(move(event));
  discard_staged(context_.files, staged_);
  staged_.clear();
  forget_unpublished();
  context_.log.log(telemetry::Severity::kError, "run.failed",
                   {{"table", summary_.table}, {"run", summary_.id.text}, {"error", error}});
  return recorded_ ? record_end(context_, summary_) : Status();
}

}  // namespace sluice::run
