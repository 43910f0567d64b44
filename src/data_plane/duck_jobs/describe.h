#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/limits.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// Binds each statement over empty tables of the given shapes and the outputs of the statements
/// before it. A column whose type no table can hold keeps DuckDB's type for those after it. A
/// statement that does not bind is an answer with its error and place; a shape whose type DuckDB
/// does not know is kInvalidInput. kCancelled, kTimeout.
base::Result<job::DescribeResult> run_describe(const job::DescribeJob& job,
                                               const job::Limits& limits, std::stop_token stop);

}  // namespace sluice::duck_jobs
