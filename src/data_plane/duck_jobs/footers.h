#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/limits.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// Reads the row count from each Parquet footer. A file that cannot be read is an answer with its
/// error; the others are read all the same. kCancelled, kTimeout.
base::Result<job::FooterResult> run_footers(const job::FooterJob& job, const job::Limits& limits,
                                            std::stop_token stop);

}  // namespace sluice::duck_jobs
