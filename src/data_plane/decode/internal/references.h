#pragma once

#include <string>

#include "sluice/base/result.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Adds the staged rows that refer to no row to `_sluice.duplicates`, under the reference's number
/// behind those of the keys. A row that refers to one of its own table finds it there or in the
/// batch; one that hangs on a refused row is refused, too.
base::Status find_dangling(duck_jobs::Session& session, const job::DecodeJob& job,
                           const std::string& staged);

/// Says why such a row was refused.
std::string reference_reason(const job::ReferenceRule& rule);

}  // namespace sluice::decode
