#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sluice/duck/functions.h"
#include "sluice/job/decode_job.h"
#include "sluice/storage/file_io.h"

namespace sluice::decode {

// Columns that the scan yields after the contract's.
inline constexpr const char* kOffsetColumn = "_sluice_offset";
inline constexpr const char* kBytesColumn = "_sluice_bytes";
inline constexpr const char* kRefusalColumn = "_sluice_refusal";  // packed; null when none

/// Offers all records of a job's files to DuckDB as table function `sluice_csv()`: the contract's
/// columns as text, then file, line, offset, bytes, refusal. Each thread takes the next file; a
/// thread holds one file's buffer and one chunk of bounded bytes.
class CsvScan {
 public:
  /// `job` and `io` must outlive this; `stopped` is asked between reads.
  CsvScan(const job::DecodeJob& job, storage::FileIo& io, std::function<bool()> stopped);

  /// The function refers to this scan.
  duck::TableFunction table_function();

  /// Makes the next query read the files with these landing sequence numbers from their start.
  void restart(const std::vector<std::int64_t>& seqs);

  /// Records of each file by landing sequence number, as the last query read them.
  std::map<std::int64_t, std::int64_t> records() const;

 private:
  class Thread;

  const job::DecodeJob& job_;
  storage::FileIo& io_;
  const std::function<bool()> stopped_;
  std::vector<const job::DecodeFile*> files_;
  std::atomic<std::size_t> next_file_ = 0;
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::int64_t> records_;
};

}  // namespace sluice::decode
