#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/job/decode_job.h"
#include "sluice/job/limits.h"

namespace sluice::decode {

/// Reads the job's CSV files in one scan, judges every record once, and stages good rows and
/// refused records as fsynced Parquet files of their two tables. Every record ends in exactly one
/// of them: per file, records = good + refused. The outcome does not depend on the number of
/// threads. On any error every file that was begun is removed. kNotFound, kUnauthorized: a landed
/// file cannot be opened; kInvalidInput: the verdict or a cast is no SQL; kExhausted, kCancelled,
/// kTimeout.
base::Result<job::DecodeResult> run_decode(const job::DecodeJob& job, const job::Limits& limits,
                                           std::stop_token stop);

}  // namespace sluice::decode
