#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/ingest/raw_zone.h"
#include "sluice/ingest/source_files.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/landing_journal.h"
#include "sluice/metastore/database.h"
#include "sluice/project/project.h"
#include "sluice/storage/file_io.h"

namespace sluice::ingest {

/// Files that are taken between two looks at the ledger, side by side.
inline constexpr std::size_t kLandingFilesMax = 256;

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
  std::vector<LeftFile> not_removed;  // landed by `raw: move`, but the original is still there
};

/// What a source has that was not landed, by names, sizes and times alone.
struct LandingLook {
  std::vector<FoundFile> ready;  // in the order in which they would be landed
  std::vector<LeftFile> pending;
};

/// Lands files dropped where a source's paths match, so that a file in the ledger cannot be lost:
/// a copy is durable in the raw zone before the ledger has it; a moved file has both names until
/// the ledger has it, and loses the old one after; a referenced one stays where it is and is known
/// by size, time and hash. A file is taken once it has not changed for the source's `settle` time;
/// one that changes while it is taken is left for the next look.
///
/// Goes in steps, so that the slow ones need not be on the database's thread: find(), then
/// choose(), take() and record() in turn until choose() finds nothing more. find() and take() do
/// not touch the database. Errors: kUnauthorized and the like when a folder cannot be listed,
/// kExhausted when the disk is full; what was recorded before stays landed.
class FileLanding {
 public:
  FileLanding(storage::FileIo& files, metastore::Database& database, const base::Clock& clock,
              RawZone zone, const project::Source& source);

  base::Status find();
  /// Picks the next files that are not known yet, at most kLandingFilesMax; false: there are none.
  base::Result<bool> choose();
  /// Takes the picked files over on up to `threads` threads.
  base::Status take(int threads, std::stop_token stop);
  /// Enters what was taken in the ledger, in the order of find(), in one transaction.
  base::Status record();

  const LandingReport& report() const { return report_; }

  /// All steps one after the other.
  base::Result<LandingReport> land(int threads, std::stop_token stop);

  /// Looks without landing anything. Some files may turn out to be equal to earlier ones.
  base::Result<LandingLook> look();

  /// Has what is landed noted there, too, before an original is removed. It outlives this.
  void keep_journal(lake::LandingJournal& journal) { journal_ = &journal; }

  /// Leaves every file alone whose name is not among these. Call before find().
  void take_only(std::set<std::string> names) { only_ = std::move(names); }

 private:
  enum class Outcome { kNotTaken, kTaken, kEmpty, kChanged, kUnreadable, kAlreadyLanded };
  /// A file on its way from being found to being in the ledger.
  struct Arrival {
    FoundFile file;
    std::optional<lake::LandedFile> landed;  // of `raw: move`: it is in the ledger already
    std::string raw_path;
    Outcome outcome = Outcome::kNotTaken;
    std::string reason;
    std::string sha256;
  };

  base::Result<bool> is_wanted(const FoundFile& file, std::optional<lake::LandedFile>& landed);
  base::Status take_one(Arrival& arrival);
  base::Result<storage::CopiedFile> bring(const Arrival& arrival);
  base::Status leave(Arrival& arrival, Outcome outcome, std::string reason);
  base::Status enter(metastore::Transaction& transaction, Arrival& arrival, std::int64_t& seq,
                     std::vector<std::string>& unneeded);
  base::Status skip(metastore::Transaction& transaction, const Arrival& arrival,
                    std::int64_t first_seq);
  base::Status drop_copies();
  void remove_original(const Arrival& arrival);

  storage::FileIo& files_;
  metastore::Database& database_;
  const base::Clock& clock_;
  const RawZone zone_;
  const project::Source& source_;
  lake::LandingJournal* journal_ = nullptr;
  std::optional<std::set<std::string>> only_;
  std::vector<FoundFile> found_;
  std::size_t next_found_ = 0;
  std::int64_t next_name_ = 1;  // number in the raw zone; no two files of a lease share one
  std::vector<Arrival> arrivals_;
  std::int64_t arrived_at_us_ = 0;
  LandingReport report_;
};

}  // namespace sluice::ingest
