#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sluice/decode/internal/landed_file.h"
#include "sluice/decode/internal/plain_column.h"
#include "sluice/decode/internal/record_source.h"
#include "sluice/duck/functions.h"
#include "sluice/job/decode_job.h"
#include "sluice/storage/file_io.h"

namespace sluice::decode {

// Columns that the scan yields after the contract's.
inline constexpr const char* kOffsetColumn = "_sluice_offset";
inline constexpr const char* kBytesColumn = "_sluice_bytes";
inline constexpr const char* kRefusalColumn = "_sluice_refusal";  // packed; null when none
inline constexpr const char* kPayloadColumn = "_sluice_payload";  // null: it is read when needed

/// Offers all records of a job's text files to DuckDB as table function `sluice_landed()`: the
/// contract's columns as text, then file, line, offset, bytes, refusal, payload, whether it is to
/// be judged by text, and the values of plain columns. Files are divided into blocks of whole
/// records by one thread at a time; each thread then reads a block by itself. Texts of a chunk lie
/// in the blocks that they were read from until the thread fills the next one. A thread holds these
/// blocks and one chunk of bounded bytes.
class LandedScan {
 public:
  /// `job` and `io` must outlive this; `stopped` is asked between reads.
  LandedScan(const job::DecodeJob& job, storage::FileIo& io, std::function<bool()> stopped);

  /// The function refers to this scan.
  duck::TableFunction table_function();
  /// The function's rows as a source of records.
  RecordSource source() const;

  /// Makes the next query read the files with these landing sequence numbers from their start.
  void restart(const std::vector<std::int64_t>& seqs);

  /// Records of each file by landing sequence number, as the last query read them.
  std::map<std::int64_t, std::int64_t> records() const;

  /// Fields of each file that the contract does not know.
  std::map<std::int64_t, std::set<std::string>> unknown_fields() const;

 private:
  class Thread;

  base::Result<bool> take_block(BlockRecords& records, Block spare);
  bool has_value_column(std::size_t column) const;

  const job::DecodeJob& job_;
  storage::FileIo& io_;
  std::vector<std::optional<PlainColumn>> plain_;  // per contract column
  const std::function<bool()> stopped_;
  std::vector<const job::DecodeFile*> files_;
  mutable std::mutex mutex_;  // of what follows
  std::size_t next_file_ = 0;
  std::unique_ptr<LandedFile> file_;
  std::map<std::int64_t, std::int64_t> records_;
  std::map<std::int64_t, std::set<std::string>> unknown_;
};

}  // namespace sluice::decode
