#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/data/schema.h"
#include "sluice/job/scan_input.h"

namespace sluice::job {

/// Settings of the files that a job writes.
struct ParquetOptions {
  std::string compression = "zstd";  // zstd | snappy | uncompressed
  int compression_level = 3;         // zstd only
  std::int64_t file_bytes_target = std::int64_t{128} << 20;
  std::int64_t row_group_rows = 122'880;
};

/// One partition field: `expression` is DuckDB SQL over the output columns that yields the
/// partition value (`date_diff('day', DATE '1970-01-01', "ts")`), `type` the value's type.
struct PartitionColumn {
  std::string name;
  std::string expression;
  data::Type type;
};

/// Where and how output files of one table are written.
struct OutputTable {
  data::Schema schema;      // every field with its id; written in this order
  std::string dir;          // absolute; exists or is created
  std::string file_prefix;  // file names are <prefix>-<uuid>.parquet
  ParquetOptions parquet;
  std::vector<PartitionColumn> partition;
};

/// Statistics of one column of one file that is stored as values of its own (a member of a struct,
/// a list's element, but no struct or list), bounds as DuckDB's RETURN_STATS prints them.
struct ColumnStatsText {
  int field_id = 0;
  std::string column;  // its path, for messages
  std::int64_t bytes = 0;
  std::int64_t values = 0;  // rows, nulls included
  std::int64_t nulls = 0;
  std::optional<std::string> min;
  std::optional<std::string> max;
  bool has_nan = false;
};

/// A file that was written, fsynced together with its folder, and is not yet part of any table.
struct StagedFile {
  std::string path;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::int64_t footer_bytes = 0;
  std::vector<ColumnStatsText> columns;
  std::vector<std::optional<std::string>> partition;  // one text value per partition column
};

/// Runs `sql` (one SELECT over the inputs, whose columns are matched to `output.schema` by name and
/// cast to its types) and writes its rows as files of one table.
struct StageJob {
  std::vector<ScanInput> inputs;
  std::string sql;
  OutputTable output;
};

struct StageResult {
  std::vector<StagedFile> files;
  std::int64_t rows = 0;
};

}  // namespace sluice::job
