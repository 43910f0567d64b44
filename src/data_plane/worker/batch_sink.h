#pragma once

#include <functional>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"

namespace sluice::worker {

/// Takes a job's batches in order, one at a time; while it does not return, the job waits. An error
/// ends the job. Empty means that the job may yield none.
using BatchSink = std::function<base::Status(data::Batch)>;

}  // namespace sluice::worker
