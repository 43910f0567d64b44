#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/export_job.h"
#include "sluice/job/limits.h"

namespace sluice::duck_jobs {

/// Runs an export; on an error the file is not there. kInvalidInput: the SQL is wrong or two
/// columns have one name; kCancelled, kTimeout.
base::Result<job::ExportResult> run_export(const job::ExportJob& job, const job::Limits& limits,
                                           std::stop_token stop);

}  // namespace sluice::duck_jobs
