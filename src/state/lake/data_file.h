#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sluice/data/value.h"

namespace sluice::lake {

enum class FileContent : std::uint8_t { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };
enum class FileFormat : std::uint8_t { kParquet, kAvro, kOrc, kPuffin };

/// A data or delete file as a manifest describes it (Iceberg spec v2, "Data File Fields"). Maps are
/// keyed by field id; bounds are single-value binary (see bounds.h).
struct DataFile {
  FileContent content = FileContent::kData;
  std::string path;  // full URI
  FileFormat format = FileFormat::kParquet;
  int spec_id = 0;                     // of the manifest that lists the file
  std::vector<data::Value> partition;  // one per field of the spec
  std::int64_t record_count = 0;
  std::int64_t file_size_bytes = 0;
  std::map<int, std::int64_t> column_sizes;
  std::map<int, std::int64_t> value_counts;
  std::map<int, std::int64_t> null_value_counts;
  std::map<int, std::int64_t> nan_value_counts;
  std::map<int, std::string> lower_bounds;
  std::map<int, std::string> upper_bounds;
  std::optional<std::string> key_metadata;
  std::vector<std::int64_t> split_offsets;
  std::vector<int> equality_ids;  // kEqualityDeletes only
  std::optional<int> sort_order_id;
  std::optional<std::string> referenced_data_file;  // position deletes of one data file

  // Of v3; read so that a deletion vector is recognized, not written in v2.
  std::optional<std::int64_t> first_row_id;
  std::optional<std::int64_t> content_offset;
  std::optional<std::int64_t> content_size_bytes;

  friend bool operator==(const DataFile&, const DataFile&) = default;
};

}  // namespace sluice::lake
