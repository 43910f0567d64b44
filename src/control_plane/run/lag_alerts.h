#pragma once

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/alert_book.h"
#include "sluice/run/records.h"

namespace sluice::run {

/// Notes of each model with a `target_lag` whether it is further behind its inputs than that: its
/// lag is the age of the first snapshot of an input that it has not taken in.
base::Status note_lags(metastore::Transaction& transaction, AlertBook& alerts,
                       const project::Project& project, const project::Analysis& analysis,
                       lake::Catalog& catalog, Records& records, base::Timestamp now);

}  // namespace sluice::run
