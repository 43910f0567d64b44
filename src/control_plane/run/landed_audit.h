#pragma once

#include <span>
#include <vector>

#include "sluice/ingest/raw_files.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/table_audit.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

/// Checks that the bytes of every landed file that was or will be read are as they were landed.
std::vector<lake::Finding> audit_raw_files(storage::FileIo& files,
                                           std::span<const lake::LandedFile> landed,
                                           ingest::RawCheck check);

}  // namespace sluice::run
