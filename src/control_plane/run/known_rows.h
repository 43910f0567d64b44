#pragma once

#include <cstdint>
#include <optional>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/catalog.h"
#include "sluice/project/project.h"

namespace sluice::run {

/// Adds to a decode job the rows of the source's table against which its keys are judged, at one
/// snapshot (the current one by default): the whole table for keys without a window; for those with
/// one only the files that hold rows of landed files that arrived near enough to the job's.
base::Status add_known_rows(lake::Catalog& catalog, const project::Source& source,
                            const data::Schema& declared, std::optional<std::int64_t> snapshot_id,
                            job::DecodeJob& job);

}  // namespace sluice::run
