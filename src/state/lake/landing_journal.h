#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/lake/landed_files.h"
#include "sluice/metastore/database.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

/// A landed file as a source's journal has it. With `by` it stood like this only if that commit
/// took place: such a line is written before its commit.
struct JournalLine {
  LandedFile file;
  std::optional<base::CommitId> by;

  friend bool operator==(const JournalLine&, const JournalLine&) = default;
};

/// Name of the journal in the metadata folder of a source's table: one JSON object a line; of the
/// lines about one file the last one that holds is how it stands.
inline constexpr const char* kLandingJournalName = "landed-files.jsonl";

/// A source's landed files, noted beside its table so that a lost metastore can be made again. The
/// ledger in the metastore alone is the truth while it exists. What append() has noted is durable:
/// a file is noted before its original is removed, where its records went before the commit that
/// has them.
class LandingJournal {
 public:
  /// `metadata_path` is the metadata folder of the source's table; it is made by catch_up().
  LandingJournal(storage::FileIo& files, std::string metadata_path);

  /// Takes a last line that was cut short out of the file, and notes what the ledger has after the
  /// newest file that is noted. Before the first append().
  base::Status catch_up(metastore::Database& database, std::string_view source);
  base::Status append(std::span<const JournalLine> lines);

  /// Enters files in the ledger that are noted and that it lacks, as a metastore does that was
  /// restored from a backup older than the landing: their originals may be gone. Returns how many.
  base::Result<std::int64_t> restore_ledger(metastore::Database& database, std::string_view source);

  /// Reads all lines, oldest first, without one that was cut short; none when there is no journal.
  /// kCorrupt, naming file and line, when another one cannot be read.
  static base::Result<std::vector<JournalLine>> read(storage::FileIo& files,
                                                     const std::string& metadata_path);

 private:
  base::Result<std::int64_t> find_last_seq();

  storage::FileIo& files_;
  const std::string dir_;
  const std::string path_;
  std::int64_t last_seq_ = 0;  // the highest that is noted
};

/// Parses one line; for the journal and its fuzz target.
base::Result<JournalLine> parse_journal_line(std::string_view line, std::string_view what);

}  // namespace sluice::lake
