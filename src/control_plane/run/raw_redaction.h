#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "sluice/base/result.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/project/project.h"
#include "sluice/run/erasure_survey.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

/// Writes a copy of a raw text file in which the records are blanked out, durably. Length and line
/// breaks stay, so that every other record is where it was: a line of CSV becomes x's, an object of
/// JSON an empty one. The records are in the order of the file. An older copy is replaced.
base::Status blank_records(storage::FileIo& files, const std::string& raw_path,
                           const std::string& copy, std::span<const RawRecord> records,
                           project::FileFormat format);

/// Says whether all files of a snapshot are files of the current one that stay: then it has nothing
/// that an erasure takes away.
base::Result<bool> is_clean(storage::FileIo& files, const lake::TableMetadata& metadata,
                            std::int64_t snapshot_id, const std::set<std::string>& removed);

}  // namespace sluice::run
