#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/infer_job.h"
#include "sluice/job/limits.h"

namespace sluice::decode {

/// Reads the job's files front to back, on one thread, and says what columns they have. Types hold
/// every value that was read without loss: what has leading zeros, or is written in several ways,
/// is a string; whole numbers beyond 64 bits are decimals; a date is one only when all are. Parquet
/// files say their types themselves. kNotFound, kUnauthorized: a file cannot be opened; kExhausted,
/// kCancelled, kTimeout.
base::Result<job::InferResult> run_infer(const job::InferJob& job, const job::Limits& limits,
                                         std::stop_token stop);

}  // namespace sluice::decode
