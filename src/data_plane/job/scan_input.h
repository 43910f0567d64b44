#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/data/batch.h"
#include "sluice/data/schema.h"

namespace sluice::job {

/// A data file of a table as the worker opens it: an absolute local path.
struct InputFile {
  std::string path;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// A table as it stands at one snapshot, offered to the job's SQL as a view `name` (dotted:
/// `bronze.flights`). Columns are resolved in the files by field id through `schema`; a column that
/// a file lacks is null. No files means an empty table of that schema.
struct ScanInput {
  std::string name;
  data::Schema schema;
  std::vector<InputFile> files;
};

/// Rows that the front holds itself (`sluice.runs`, ...), offered to the SQL as a table `name`.
struct MemoryInput {
  std::string name;
  std::vector<data::Column> columns;  // name and type; `values` empty
  std::vector<data::Batch> batches;
};

}  // namespace sluice::job
