#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/run/erasure.h"
#include "sluice/run/erasure_finish.h"
#include "sluice/run/invocation.h"

namespace sluice::run {

struct ErasureOutcome {
  ErasurePlan plan;
  std::optional<Erasure> erasure;    // absent when nothing was found
  std::vector<std::string> waiting;  // models that could not be refreshed; the next run goes on
  std::vector<RunSummary> runs;      // of the models
};

/// Erases a person's records: settles what processes that died left, looks, commits, puts the raw
/// files in place, refreshes the models that follow, and lets them forget. After a kill at any
/// point either nothing was done, or the next erasure or run goes on. Under the project's lock.
base::Result<ErasureOutcome> erase(const RunParts& parts, const InvocationOptions& options,
                                   const ErasureScan& scan, ErasureOptions wanted,
                                   const RunListener& listener, std::stop_token stop);

}  // namespace sluice::run
