#pragma once

#include <functional>
#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"
#include "sluice/job/limits.h"
#include "sluice/job/query_job.h"

namespace sluice::duck_jobs {

/// Takes the rows of a query as they come, at most data::kBatchRowsMax a time; an error from it
/// stops the query and is returned.
using RowSink = std::function<base::Status(data::Batch)>;

/// Runs one SELECT and streams its rows to `sink` in bounded memory. A value that no table can hold
/// (list, struct, interval, ...) is given as DuckDB's text. kInvalidInput: no SELECT, or it does
/// not bind; kExhausted, kCancelled, kTimeout.
base::Result<job::QueryResult> run_query(const job::QueryJob& job, const job::Limits& limits,
                                         const RowSink& sink, std::stop_token stop);

/// Runs each check over the inputs. kInvalidInput names the check whose SQL is wrong.
base::Result<job::CheckResult> run_check(const job::CheckJob& job, const job::Limits& limits,
                                         std::stop_token stop);

}  // namespace sluice::duck_jobs
