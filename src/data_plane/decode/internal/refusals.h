#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

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
  /// `sluice_admit(verdict, file, line, offset, bytes, payload)` is true for a null verdict, else
  /// keeps the record here; `sluice_payload(file, offset, bytes)` reads its text back, at most 64
  /// KiB. `job` and `io` must outlive the session.
  static base::Result<std::unique_ptr<Refusals>> open(duck_jobs::Session& session,
                                                      const job::DecodeJob& job,
                                                      storage::FileIo& io);

  /// Ends the channel: every refusal is in the table now.
  base::Status finish();

  /// Forgets all refusals, before the records are scanned again.
  base::Status restart();

  /// Writes the table's records as quarantine files.
  base::Result<std::vector<job::StagedFile>> write(duck_jobs::Session& session,
                                                   const job::DecodeJob& job) const;

 private:
  explicit Refusals(duck::Connection connection) : connection_(std::move(connection)) {}
  base::Status admit(const duck::ChunkView& arguments, duck::ColumnWriter& result);

  duck::Connection connection_;
  std::mutex mutex_;
  std::unique_ptr<duck::Appender> appender_;
};

}  // namespace sluice::decode
