#pragma once

#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/decode/internal/key_hashes.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// The view of the staged rows, which the caller makes.
inline constexpr const char* kStagedView = "_sluice.staged";

/// SQL of the hash by which KeyHashes knows a key of so many columns' SQL; null when one is null.
std::string key_hash(const std::vector<std::string>& columns);

/// Judges a job's key rules over the staged rows and the table as it stands, and fills a new table
/// `_sluice.duplicates` (_sluice_file, _sluice_line, rule, first_file, first_line) with the rows
/// that break one, the rule's number in the job and the row that has the key.
///
/// Rows are admitted in the order of (file, line), after all of the table: one is admitted unless a
/// row that was admitted has its key, for any rule. So a row that is refused never holds a key. A
/// null in a key equals nothing. A rule with a window looks only at rows that arrived less than
/// that apart. `keys` are those of the staged rows: it spares looking at rows whose key no other
/// has.
base::Status judge_keys(duck_jobs::Session& session, const job::DecodeJob& job,
                        const KeyHashes& keys);

}  // namespace sluice::decode
