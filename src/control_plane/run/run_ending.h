#pragma once

#include <cstdint>
#include <optional>

#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/run/run_context.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// Records how a run ended that did not publish, in a transaction of its own.
base::Status record_end(RunContext& context, const RunSummary& summary);

/// Returns a table's current snapshot; inside a commit's transaction, the one being committed.
base::Result<std::optional<std::int64_t>> current_snapshot(lake::Catalog& catalog,
                                                           const lake::TableName& table);

}  // namespace sluice::run
