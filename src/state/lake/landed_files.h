#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/metastore/database.h"

namespace sluice::lake {

/// How far a landed file has come.
enum class LandedState {
  kRaw,         // its bytes are safe in the raw zone
  kCommitted,   // its records are in tables (or waived), by a commit
  kRefused,     // it will not be read: `reason` says why
  kRolledBack,  // its records were in tables that went back to before it
};
enum class LandedEvent { kCommit, kRefuse, kRollBack, kRewind };

std::string_view to_text(LandedState state);
base::Result<LandedState> parse_landed_state(std::string_view text);
/// kConflict when the event may not happen in that state.
base::Result<LandedState> transition(LandedState from, LandedEvent event);

/// Where a file's records went; `records` is the sum of committed, quarantined, waived and erased
/// ones.
struct RecordCounts {
  std::int64_t records = 0;
  std::int64_t committed_rows = 0;    // in the source's table
  std::int64_t quarantined_rows = 0;  // in its quarantine table, open
  std::int64_t waived_rows = 0;       // accepted as lost
  // Their rows stay in the quarantine table, too:
  std::int64_t replayed_rows = 0;   // of the committed ones, came out of quarantine
  std::int64_t waived_by_user = 0;  // of the waived ones; the others the source's settings drop
  // A person's, taken out of tables and raw file:
  std::int64_t erased_rows = 0;

  friend bool operator==(const RecordCounts&, const RecordCounts&) = default;
};

/// A file that was taken over into the raw zone.
struct LandedFile {
  std::string source;    // `bronze.flights`
  std::int64_t seq = 0;  // landing sequence number, from 1 within the source
  std::string sha256;    // of the content, lower-case hex
  std::string original_name;
  std::string raw_path;  // relative to the project, or absolute
  std::int64_t bytes = 0;
  std::int64_t modified_at_us = 0;
  std::int64_t landed_at_us = 0;
  LandedState state = LandedState::kRaw;
  std::optional<RecordCounts> counts;       // kCommitted
  std::optional<base::CommitId> commit_id;  // kCommitted
  std::string reason;                       // kRefused
  // What the raw file is since records were erased from it; before, it is what was landed.
  std::optional<std::string> raw_sha256;
  std::optional<std::int64_t> raw_bytes;

  friend bool operator==(const LandedFile&, const LandedFile&) = default;
};

/// Returns the sequence number that the source's next file gets.
base::Result<std::int64_t> next_seq(metastore::Transaction& transaction, std::string_view source);
/// Records a file in state kRaw. kConflict when its number, or equal non-empty content, is there.
base::Status insert_raw(metastore::Transaction& transaction, const LandedFile& file);
/// Records where the records went, in the transaction of the commit that has them. kNotFound
/// without such a file; kConflict when it is not kRaw; kInvalidInput when the counts do not add up.
base::Status mark_committed(metastore::Transaction& transaction, std::string_view source,
                            std::int64_t seq, const RecordCounts& counts, const base::CommitId& id);
base::Status mark_refused(metastore::Transaction& transaction, std::string_view source,
                          std::int64_t seq, std::string_view reason);
/// Takes a committed file's counts back, in the transaction of the commit that takes its rows out
/// of the tables. With `again` the file is raw, so that the next run reads it; else kRolledBack.
base::Status mark_rolled_back(metastore::Transaction& transaction, std::string_view source,
                              std::int64_t seq, bool again);
/// Writes a file as it stands, in place of what the ledger has of it.
base::Status put_landed(metastore::Transaction& transaction, const LandedFile& file);

/// What became of quarantined records of a file later; negative numbers undo it.
struct Settlement {
  std::int64_t replayed = 0;  // now in the source's table
  std::int64_t waived = 0;    // accepted as lost
};
/// Moves records of a committed file out of quarantine, in the transaction of the commit that
/// settles them. kConflict when the file has fewer of them than that.
base::Status mark_settled(metastore::Transaction& transaction, std::string_view source,
                          std::int64_t seq, const Settlement& settlement);

/// Returns the first non-empty file of the source with that content, if there is one.
base::Result<std::optional<LandedFile>> find_by_hash(metastore::Database& database,
                                                     std::string_view source,
                                                     std::string_view sha256);
/// Returns the newest landed file of that name, size and time, if there is one.
base::Result<std::optional<LandedFile>> find_by_name(metastore::Database& database,
                                                     std::string_view source,
                                                     std::string_view original_name,
                                                     std::int64_t bytes,
                                                     std::int64_t modified_at_us);
/// Files in state kRaw, in landing order; and all files.
base::Result<std::vector<LandedFile>> list_pending(metastore::Database& database,
                                                   std::string_view source);
base::Result<std::vector<LandedFile>> list_landed(metastore::Database& database,
                                                  std::string_view source,
                                                  std::int64_t after_seq = 0);
/// When a landed file arrived.
struct Arrival {
  std::int64_t seq = 0;
  std::int64_t landed_at_us = 0;
};
/// Lists the landed files that arrived after a time, in landing order.
base::Result<std::vector<Arrival>> list_arrivals(metastore::Database& database,
                                                 std::string_view source, std::int64_t after_us);
/// Says whether a file of that name, size and time was landed or skipped before, so that its
/// content need not be looked at again.
base::Result<bool> is_known(metastore::Database& database, std::string_view source,
                            std::string_view original_name, std::int64_t bytes,
                            std::int64_t modified_at_us);

/// Returns the id of the source's ledger, which is the lineage of its positions; `fresh_id` becomes
/// it when the source has none yet.
base::Result<std::string> lineage(metastore::Transaction& transaction, std::string_view source,
                                  std::string_view fresh_id);
/// Nothing when the source has no lineage yet.
base::Result<std::optional<std::string>> find_lineage(metastore::Database& database,
                                                      std::string_view source);

/// Names of the sources that have landed something.
base::Result<std::vector<std::string>> list_landed_sources(metastore::Database& database);

/// A file that was not landed, because its content had been before or because it is empty.
struct SkippedFile {
  std::string source;
  std::string original_name;
  std::string sha256;
  std::int64_t first_seq = 0;  // of the landed file with the same content; 0: the file is empty
  std::int64_t bytes = 0;
  std::int64_t modified_at_us = 0;
  std::int64_t at_us = 0;
};

/// Records a skipped file; of the same name and content again only the new time is kept.
base::Status insert_skipped(metastore::Transaction& transaction, const SkippedFile& file);
base::Result<std::vector<SkippedFile>> list_skipped(metastore::Database& database,
                                                    std::string_view source);

}  // namespace sluice::lake
