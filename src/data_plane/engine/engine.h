#pragma once

#include <functional>
#include <stop_token>
#include <utility>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"
#include "sluice/job/progress.h"
#include "sluice/job/request.h"

namespace sluice::engine {

/// Takes the rows of a query as they come; an error stops the query.
using BatchSink = std::function<base::Status(data::Batch)>;

/// Told now and then how far a job is, by the thread that waits for it.
using ProgressSink = std::function<void(const job::Progress&)>;

/// The port to what runs jobs: our workers today. A call blocks until the job ended; a stop request
/// ends it within a second with kCancelled. kExhausted: the job went over its limits; kUnavailable:
/// the worker died (the attempt failed, nothing else did); kInvalidInput: the SQL is wrong.
/// Files staged by a failed job are removed by the engine. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual base::Result<job::Response> execute(const job::Request& request, const BatchSink& sink,
                                              std::stop_token stop) = 0;

  /// The same, telling `progress` on the way; an engine that cannot say passes it over.
  virtual base::Result<job::Response> execute_watched(const job::Request& request,
                                                      const BatchSink& sink,
                                                      const ProgressSink& /*progress*/,
                                                      std::stop_token stop) {
    return execute(request, sink, std::move(stop));
  }
};

}  // namespace sluice::engine
