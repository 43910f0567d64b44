#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/data/column_profile.h"
#include "sluice/job/decode_job.h"

namespace sluice::job {

/// What is read of files when nobody asks for more.
inline constexpr std::int64_t kInferRowsMax = 100'000;
inline constexpr std::int64_t kInferBytesMax = std::int64_t{64} << 20;
/// Columns that a table is given by itself; files with more need a contract.
inline constexpr std::int64_t kInferColumnsMax = 2000;

/// Looks at files of one format, front to back, and says which columns they have and what is in
/// them. Records that decoding would refuse are counted and left out.
struct InferJob {
  std::vector<DecodeFile> files;
  FileFormat format = FileFormat::kCsv;
  Compression compression = Compression::kAuto;
  Encoding encoding = Encoding::kUtf8;
  CsvDialect dialect;
  std::int64_t rows_max = kInferRowsMax;    // 0: all
  std::int64_t bytes_max = kInferBytesMax;  // of records, unpacked; 0: all
  std::vector<std::string> columns;         // the only ones to look at; none: all
  bool keys = false;                        // look for columns that are unique together
};

struct InferResult {
  std::vector<data::ColumnProfile> columns;    // in the order in which they appear
  std::vector<std::vector<std::string>> keys;  // pairs of columns that are unique together
  std::int64_t files = 0;                      // that were begun
  std::int64_t rows = 0;                       // that were looked at
  std::int64_t damaged = 0;                    // records that cannot be read, or files
  bool whole = true;                           // every record of every file was read
  bool too_many_columns = false;               // only the first kInferColumnsMax are told
  std::vector<std::string> problems;           // of files: a header that names a column twice
};

}  // namespace sluice::job
