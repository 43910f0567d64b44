#pragma once

#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::duck_jobs {

/// Finds the file of one of DuckDB's extensions: in the folder `duckdb-extensions` beside this
/// program, else where the build found it. kUnsupported, saying what to do, when it is in neither.
base::Result<std::string> find_extension(std::string_view name);

}  // namespace sluice::duck_jobs
