#pragma once

#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/run/erasure_store.h"

namespace sluice::run {

/// An erasure that is committed, after finish_erasures() has gone as far as it can.
struct FinishedErasure {
  Erasure erasure;
  std::vector<std::string> waiting;  // models that still stand as before: the next run finishes
  std::int64_t files_removed = 0;
};

/// Puts what committed erasures prepared in the raw zone in place, lets models that were refreshed
/// since forget their older snapshots, and removes every file below the tables concerned that no
/// metadata refers to any more. What is done already is passed over, so a process that died in here
/// is followed by one that goes on. Under the project's lock, when no run is open.
base::Result<std::vector<FinishedErasure>> finish_erasures(lake::Catalog& catalog,
                                                           const base::Clock& clock,
                                                           base::Random& random);

}  // namespace sluice::run
