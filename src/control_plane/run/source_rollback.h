#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"
#include "sluice/project/project.h"

namespace sluice::run {

struct SourceRollback {
  lake::TableCommit commit;  // of the source's table
  std::int64_t files = 0;    // landed files whose rows are gone from the tables
};

/// Makes an older snapshot of a source's table current again, and its quarantine table what it was
/// then, in one commit. Landed files that came after are `rolled_back` in the ledger and never read
/// again; with `rewind` they are raw and the position goes back, so that the next run reads them.
/// What became of quarantined records since is undone. kInvalidInput when the snapshot is not one
/// that the table came from.
base::Result<SourceRollback> roll_back_source(lake::Catalog& catalog, engine::Engine& engine,
                                              const project::Source& source,
                                              std::int64_t snapshot_id, bool rewind,
                                              const job::Limits& limits, const base::Clock& clock,
                                              base::Random& random, std::stop_token stop);

}  // namespace sluice::run
