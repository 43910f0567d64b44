#pragma once

#include <stop_token>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/request.h"
#include "sluice/storage/file_io.h"
#include "sluice/worker/pool.h"

namespace sluice::engine_duckdb {

/// Runs jobs on the pool's worker processes. After a failed stage or decode job the files that the
/// attempt staged (files and folders named `<prefix>-*` in the output's folder) are removed, also
/// when the worker was killed. The pool and `files` must outlive it. Thread-safe.
class WorkerEngine final : public engine::Engine {
 public:
  WorkerEngine(worker::Pool& pool, storage::FileIo& files) : pool_(pool), files_(files) {}

  base::Result<job::Response> execute(const job::Request& request, const engine::BatchSink& sink,
                                      std::stop_token stop) override;
  base::Result<job::Response> execute_watched(const job::Request& request,
                                              const engine::BatchSink& sink,
                                              const engine::ProgressSink& progress,
                                              std::stop_token stop) override;

 private:
  worker::Pool& pool_;
  storage::FileIo& files_;
};

}  // namespace sluice::engine_duckdb
