#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/limits.h"
#include "sluice/job/stage_job.h"

namespace sluice::duck_jobs {

/// Runs the job's SELECT and writes its rows as Parquet files, fsynced with their folder before
/// this returns. No rows make no files. On any error every file that was begun is removed.
/// kInvalidInput: the SQL is wrong, its columns are not the schema's, a cast would round, or a
/// value is out of range; kContractViolation: a required column has nulls; kExhausted: memory or
/// disk; kUnsupported: a type that no table holds; kCancelled, kTimeout.
base::Result<job::StageResult> run_stage(const job::StageJob& job, const job::Limits& limits,
                                         std::stop_token stop);

}  // namespace sluice::duck_jobs
