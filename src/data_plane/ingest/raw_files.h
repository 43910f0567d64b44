#pragma once

#include <optional>
#include <string>

#include "sluice/base/result.h"
#include "sluice/lake/landed_files.h"
#include "sluice/storage/file_io.h"

namespace sluice::ingest {

/// Says whether a landed file was left where it is (`raw: reference`).
bool is_referenced(const lake::LandedFile& file);

enum class RawCheck {
  kPresence,  // size; of a referenced file also its time, and when that differs its hash
  kContent,   // the hash, too
};

/// Compares a landed file's bytes with what the ledger says. Returns what is wrong, naming the
/// file; nothing when they are as they were landed.
std::optional<std::string> raw_problem(storage::FileIo& files, const lake::LandedFile& file,
                                       RawCheck check);

}  // namespace sluice::ingest
