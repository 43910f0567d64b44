#pragma once

#include <span>
#include <string>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/contract/contract.h"
#include "sluice/job/decode_job.h"
#include "sluice/lake/landed_files.h"
#include "sluice/project/project.h"

namespace sluice::ingest {

/// Input that one commit takes; more landed files make further batches.
inline constexpr std::int64_t kBatchBytesMax = std::int64_t{1} << 30;
inline constexpr std::size_t kBatchFilesMax = 4096;

/// Takes the first files, in order, that make one batch: at least one.
std::span<const lake::LandedFile> first_batch(std::span<const lake::LandedFile> files);

/// Describes how a batch is decoded and judged: everything of a decode job but its two outputs and
/// the table as it stands. Where `schema_changes` is `discard_value`, what does not fit is null.
job::DecodeJob decode_request(const project::Source& source, const contract::Contract& declared,
                              std::span<const lake::LandedFile> files, const base::RunId& run);

/// Returns a digest of all that decides which rows come out of a file's bytes: dialect, columns,
/// casts and rules. Equal digests give equal rows.
std::string decode_digest(const job::DecodeJob& job);

}  // namespace sluice::ingest
