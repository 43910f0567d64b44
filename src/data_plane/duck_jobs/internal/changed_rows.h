#pragma once

#include <span>
#include <string>

#include "sluice/base/result.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/extract_job.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// DuckDB SQL: those of all rows of a database table that differ from the newest row with their key
/// (`job.lag.key`) in the extracts before (`job.lag.taken`), or whose key none has. `rows` are
/// DuckDB SQL, which is asked once; values are compared as texts, and a column that an extract
/// lacks was null. kInvalidInput: a column of the key is not there, or rows have the same key.
base::Result<std::string> changed_rows(Session& session, const job::ExtractJob& job,
                                       std::span<const job::NamedColumn> columns,
                                       const std::string& rows);

}  // namespace sluice::duck_jobs
