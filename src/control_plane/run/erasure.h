#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/run/erasure_store.h"
#include "sluice/run/erasure_survey.h"
#include "sluice/run/records.h"

namespace sluice::run {

struct ErasureOptions {
  ErasureKey key;
  std::vector<std::string> tables;  // of sources; none: every one that has the column
  bool drop_tags = false;           // tags and branches that name a snapshot with the records go
  std::string by;
  base::InvocationId invocation;
};

/// What an erasure would do.
struct ErasurePlan {
  std::vector<SourceErasure> sources;  // those in which something was found
  std::vector<std::string> searched;   // tables of all sources that were looked at
  std::vector<std::string> models;     // tables that may have what follows from them
  std::vector<std::string> tags;       // `table: name`, of snapshots that may have the records
  std::vector<std::string> remains;    // what is beyond reach, each with what to do
};

/// Looks for a person's records. kNotFound when no source has the column, naming the nearest;
/// kConflict when a model that would have to be refreshed is held.
base::Result<ErasurePlan> plan_erasure(const ErasureScan& scan, const ErasureOptions& options,
                                       std::stop_token stop);

/// Takes the records out of the sources' tables in one commit: touched data files are written anew
/// without them, snapshots that have them leave the tables' metadata, the ledger counts them as
/// erased. Raw files are prepared; finish_erasures() puts them in place. kConflict, naming them,
/// when tags stand in the way. Under the project's lock, after recover().
base::Result<Erasure> commit_erasure(const ErasureScan& scan, const ErasureOptions& options,
                                     const ErasurePlan& plan, Records& records,
                                     const base::Clock& clock, base::Random& random,
                                     std::stop_token stop);

}  // namespace sluice::run
