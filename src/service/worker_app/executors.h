#pragma once

#include "sluice/worker/serve.h"

namespace sluice::worker_app {

/// The functions for every kind of job: DuckDB's and the decoder's.
worker::Executors all_executors();

}  // namespace sluice::worker_app
