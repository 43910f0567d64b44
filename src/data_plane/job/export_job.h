#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/job/query_job.h"
#include "sluice/job/scan_input.h"

namespace sluice::job {

enum class ExportFormat : std::uint8_t {
  kParquet,
  kCsv,     // RFC 4180, header, null as nothing between the separators
  kNdjson,  // one object a line
};

/// Writes the rows of one SELECT into one file at `path`, in a folder that exists, durably. Types
/// that no table can hold become those that a table gives them, else text. CSV has nested values as
/// JSON; both texts have bytes as hex, and NDJSON has NaN and infinities as strings.
struct ExportJob {
  std::vector<ScanInput> inputs;
  std::vector<MemoryInput> memory;
  std::string sql;
  ExportFormat format = ExportFormat::kParquet;
  std::string compression;  // as DuckDB names it for the format; "" for its default
  char delimiter = ',';     // kCsv
  std::string path;
};

struct ExportResult {
  std::int64_t rows = 0;
  std::vector<data::Column> columns;  // as written; `values` empty
};

}  // namespace sluice::job
