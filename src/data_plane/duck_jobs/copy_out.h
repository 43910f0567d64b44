#pragma once

#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/stage_job.h"

namespace sluice::duck_jobs {

/// Writes the rows of `select`, whose columns are those of `table.schema` in order and type, as
/// files
/// `<dir>/<prefix>-<uuid>.parquet`, also when they are partitioned. No rows make no files. On any
/// error nothing is left. The session must have the folder among its `dirs`.
///
/// Each file and its folder are fsynced. Bounds are texts as data::to_text() writes them; a bound
/// that cannot be trusted is left out: of a column with NaN, of a text or blob that may be cut
/// short, of a date that ISO 8601 has no text for. DuckDB marks no column as required in the
/// footer, so a null in a required column is found by its count: kContractViolation. kUnsupported:
/// a `fixed` column.
base::Result<std::vector<job::StagedFile>> copy_out(Session& session, const std::string& select,
                                                    const job::OutputTable& table);

/// Removes staged files; what cannot be removed is left for orphan removal.
void remove_staged(std::span<const job::StagedFile> files);

}  // namespace sluice::duck_jobs
