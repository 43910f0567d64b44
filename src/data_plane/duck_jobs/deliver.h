#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/deliver_job.h"
#include "sluice/job/limits.h"

namespace sluice::duck_jobs {

/// Writes rows into a PostgreSQL table; on an error the database is as before. kInvalidInput: the
/// SQL is wrong, the table cannot hold the rows; kNotFound: no such server, schema or account;
/// kUnavailable: the server went away; kUnsupported: the extension is not installed; kCancelled,
/// kTimeout.
base::Result<job::DeliverResult> run_deliver(const job::DeliverJob& job, const job::Limits& limits,
                                             std::stop_token stop);

}  // namespace sluice::duck_jobs
