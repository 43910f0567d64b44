#pragma once

#include <span>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"
#include "sluice/quality/gate.h"

namespace sluice::quality {

/// The table `quality_results`: one row per expectation and judgement.
std::span<const metastore::Migration> quality_migrations();

/// Records what the gate said of one run.
base::Status record_results(metastore::Database& database, const base::RunId& run,
                            std::string_view table, const Verdict& verdict, base::Timestamp at);

}  // namespace sluice::quality
