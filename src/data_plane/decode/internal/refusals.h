#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sluice/decode/internal/key_hashes.h"
#include "sluice/duck/appender.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/decode_job.h"
#include "sluice/storage/file_io.h"

namespace sluice::decode {

/// The table of a job's refused records: file, line, byte_offset, bytes, column, rule, reason,
/// payload (null where it is read from the landed file when it is written).
inline constexpr const char* kRefusedTable = "_sluice.refused";

/// The side channel into which refused records leave the scan: a table of the job's database,
/// filled over a connection of its own, so that DuckDB's memory limit and spill folder bound it.
/// Payloads stay in the landed files until the quarantine is written.
class Refusals {
 public:
  /// Makes the table and the functions of the scan's statement:
  /// `sluice_admit(verdict, file, line, offset, bytes, payload, hash...)` is true for a null
  /// verdict, and notes the hashes of the record's keys; else it keeps the record here.
  /// `sluice_payload(file, offset, bytes)` reads its text back, at most 64 KiB. `job` and `io` must
  /// outlive the session. At most `key_bytes_max` go to the hashes.
  static base::Result<std::unique_ptr<Refusals>> open(duck_jobs::Session& session,
                                                      const job::DecodeJob& job,
                                                      storage::FileIo& io,
                                                      std::int64_t key_bytes_max);

  /// Ends the channel: every refusal is in the table now, and keys() is settled.
  base::Status finish();

  /// Forgets all refusals, before the records are scanned again.
  base::Status restart();

  /// Writes the table's records as quarantine files.
  base::Result<std::vector<job::StagedFile>> write(duck_jobs::Session& session,
                                                   const job::DecodeJob& job) const;

  /// Keys of the records that were admitted; by the job's key rules.
  const KeyHashes& keys() const { return keys_; }

 private:
  Refusals(duck::Connection connection, KeyHashes keys)
      : connection_(std::move(connection)), keys_(std::move(keys)) {}
  base::Status admit(const duck::ChunkView& arguments, duck::ColumnWriter& result);
  base::Status refuse(const duck::ChunkView& arguments, std::size_t row);

  duck::Connection connection_;
  std::mutex mutex_;  // of what follows
  std::unique_ptr<duck::Appender> appender_;
  KeyHashes keys_;
};

}  // namespace sluice::decode
