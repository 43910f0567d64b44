#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sluice/decode/internal/key_hashes.h"
#include "sluice/decode/internal/record_source.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Judges the key rules over the staged rows and the table as it stands (see judge_keys()), and
/// moves the later rows to the table of refusals, with the place of the first as the reason, and
/// rewrites the staged files without them, but only when there are any. `staged` is replaced then.
/// `restart` is called before the sources are read again, with the files that matter.
base::Status refuse_duplicates(duck_jobs::Session& session, const job::DecodeJob& job,
                               const RecordSources& sources, const KeyHashes& keys,
                               const std::function<void(const std::vector<std::int64_t>&)>& restart,
                               std::vector<job::StagedFile>& staged);

}  // namespace sluice::decode
