#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/extract_job.h"
#include "sluice/job/limits.h"

namespace sluice::duck_jobs {

/// Runs an extract; on an error the file is not there, and no message has a secret of the
/// connection. kNotFound: the database or the table is not there; kInvalidInput: a column is not,
/// or the cursor has rows without a value; kConflict: another table has taken the name;
/// kUnavailable: the database went away; kUnsupported: the extension is not installed.
base::Result<job::ExtractResult> run_extract(const job::ExtractJob& job, const job::Limits& limits,
                                             std::stop_token stop);

}  // namespace sluice::duck_jobs
