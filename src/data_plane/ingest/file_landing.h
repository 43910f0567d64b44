#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/ingest/raw_zone.h"
#include "sluice/lake/landed_files.h"
#include "sluice/metastore/database.h"
#include "sluice/project/project.h"
#include "sluice/storage/file_io.h"

namespace sluice::ingest {

/// A file that matches a source's path but was not landed, and why.
struct LeftFile {
  std::string name;
  std::string reason;
};

/// What one look at a source's folder found. Files that were landed before are not mentioned.
struct LandingReport {
  std::vector<lake::LandedFile> landed;
  std::vector<lake::SkippedFile> skipped;  // equal to an earlier file; first_seq 0: empty
  std::vector<LeftFile> pending;           // still being written
  std::vector<LeftFile> unreadable;
};

/// Lands files dropped where a source's `path` matches: each is copied into the raw zone and made
/// durable before the ledger has it, so a file in the ledger cannot be lost. A file is taken once
/// it has not changed for the source's `settle` time; one that changes while it is copied is left
/// for the next look.
class FileLanding {
 public:
  /// Told after each file with how many of how many were looked at.
  using Progress = std::function<void(std::size_t done, std::size_t total)>;

  FileLanding(storage::FileIo& files, metastore::Database& database, const base::Clock& clock,
              RawZone zone);

  /// Looks once and lands what is ready, oldest first. kUnauthorized and the like when the folder
  /// cannot be listed, kExhausted when the disk is full: what was landed before that stays landed.
  base::Result<LandingReport> land(const project::Source& source, const Progress& progress,
                                   std::stop_token stop);

 private:
  struct Candidate;

  base::Result<std::vector<Candidate>> find_candidates(const project::Source& source,
                                                       LandingReport& report);
  base::Status land_one(const project::Source& source, const Candidate& candidate,
                        LandingReport& report);
  base::Status skip(const project::Source& source, const Candidate& candidate,
                    const std::string& sha256, std::int64_t first_seq, LandingReport& report);
  base::Result<std::int64_t> next_seq(const project::Source& source);
  base::Status record(const lake::LandedFile& file);

  storage::FileIo& files_;
  metastore::Database& database_;
  const base::Clock& clock_;
  RawZone zone_;
};

}  // namespace sluice::ingest
