#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/limits.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// Parses each statement with DuckDB's own parser. A statement that is no single SELECT, or cannot
/// be serialized, is an answer with its error and place, never an Error. kCancelled, kTimeout.
base::Result<job::ParseResult> run_parse(const job::ParseJob& job, const job::Limits& limits,
                                         std::stop_token stop);

}  // namespace sluice::duck_jobs
