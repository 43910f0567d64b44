#pragma once

#include <string>

#include "sluice/base/result.h"
#include "sluice/metastore/lease.h"
#include "sluice/run/run_context.h"

namespace sluice::run {

/// Takes the lease on a table (for a source: on the pair of it and its table), whose epoch fences
/// the commit. A SQLite metastore has one front at a time, kept by the project's lock, so whoever
/// held the lease before is gone and its lease falls to us at once, with the next epoch.
base::Result<metastore::Lease> lease_table(RunContext& context, const std::string& table);

}  // namespace sluice::run
