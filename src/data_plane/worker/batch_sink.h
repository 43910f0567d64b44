#pragma once

#include <functional>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"
#include "sluice/job/progress.h"

namespace sluice::worker {

/// Takes a job's batches in order, one at a time; while it does not return, the job waits. An error
/// ends the job. Empty means that the job may yield none.
using BatchSink = std::function<base::Status(data::Batch)>;

/// Told now and then how far a job is, by the thread that waits for it.
using ProgressSink = std::function<void(const job::Progress&)>;

}  // namespace sluice::worker
