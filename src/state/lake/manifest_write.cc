#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/lake/avro/container.h"
#include "sluice/lake/bounds.h"
#include "sluice/lake/internal/avro_value.h"
#include "sluice/lake/internal/entry_schema.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/schema_json.h"

namespace sluice::lake {

namespace {

using avro::Datum;
using base::Result;
using base::Status;
using data::Type;
using data::Value;

constexpr std::array<std::string_view, 4> kFormats = {"PARQUET", "AVRO", "ORC", "PUFFIN"};

template <class T>
Datum map_datum(const std::map<int, T>& values) {
  if (values.empty()) {
    return Datum();
  }
  Datum::Items items;
  for (const auto& [key, value] : values) {
    items.emplace_back(Datum::Items{Datum(std::int64_t{key}), Datum(value)});
  }
  return Datum(std::move(items));
}

template <class T>
Datum list_datum(const std::vector<T>& values) {
  if (values.empty()) {
    return Datum();
  }
  Datum::Items items;
  for (const T value : values) {
    items.emplace_back(std::int64_t{value});
  }
  return Datum(std::move(items));
}

template <class T>
Datum datum_if(const std::optional<T>& value) {
  return value ? Datum(*value) : Datum();
}

Result<Datum> file_datum(const DataFile& file, const std::vector<Type>& types) {
  Datum::Items partition;
  for (std::size_t i = 0; i < types.size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(Datum value, to_datum(file.partition[i], types[i]));
    partition.push_back(std::move(value));
  }
  Datum::Items items;
  items.emplace_back(static_cast<std::int64_t>(file.content));
  items.emplace_back(file.path);
  items.emplace_back(std::string(kFormats[static_cast<std::size_t>(file.format)]));
  items.emplace_back(std::move(partition));
  items.emplace_back(file.record_count);
  items.emplace_back(file.file_size_bytes);
  items.push_back(map_datum(file.column_sizes));
  items.push_back(map_datum(file.value_counts));
  items.push_back(map_datum(file.null_value_counts));
  items.push_back(map_datum(file.nan_value_counts));
  items.push_back(map_datum(file.lower_bounds));
  items.push_back(map_datum(file.upper_bounds));
  items.push_back(datum_if(file.key_metadata));
  items.push_back(list_datum(file.split_offsets));
  items.push_back(list_datum(file.equality_ids));
  items.push_back(file.sort_order_id ? Datum(std::int64_t{*file.sort_order_id}) : Datum());
  items.push_back(datum_if(file.referenced_data_file));
  return Datum(std::move(items));
}

/// Gathers what the files' values in one partition field are, for the manifest list.
class FieldSummarizer {
 public:
  explicit FieldSummarizer(Type type) : type_(type) {
    if (type.kind == data::TypeKind::kFloat || type.kind == data::TypeKind::kDouble) {
      summary_.contains_nan = false;
    }
  }

  void add(const Value& value) {
    if (data::is_null(value)) {
      summary_.contains_null = true;
    } else if (is_nan(value)) {
      summary_.contains_nan = true;
    } else {
      if (data::is_null(least_) || data::compare_values(value, least_) < 0) {
        least_ = value;
      }
      if (data::is_null(greatest_) || data::compare_values(value, greatest_) > 0) {
        greatest_ = value;
      }
    }
  }

  Result<FieldSummary> finish() {
    if (!data::is_null(least_)) {
      const Value low = exact_bound(lower_bound(least_, type_, std::string::npos), least_);
      const Value high = exact_bound(upper_bound(greatest_, type_, std::string::npos), greatest_);
      SLUICE_ASSIGN_OR_RETURN(summary_.lower_bound, encode_value(low, type_));
      SLUICE_ASSIGN_OR_RETURN(summary_.upper_bound, encode_value(high, type_));
    }
    return std::move(summary_);
  }

 private:
  static Value exact_bound(std::optional<Value> bound, const Value& value) {
    return std::move(bound).value_or(value);
  }

  static bool is_nan(const Value& value) {
    const auto* single = std::get_if<float>(&value);
    const auto* wide = std::get_if<double>(&value);
    return (single != nullptr && std::isnan(*single)) || (wide != nullptr && std::isnan(*wide));
  }

  Type type_;
  FieldSummary summary_;
  Value least_;
  Value greatest_;
};

Status check_file(const DataFile& file, const ManifestHeader& header) {
  const auto refuse = [&](std::string_view reason) {
    return base::invalid_input(fmt::format("file {} in a manifest: {}", file.path, reason));
  };
  if (file.partition.size() != header.spec.fields.size() || file.spec_id != header.spec.spec_id) {
    return refuse(fmt::format("it is not of partition spec {}", header.spec.spec_id));
  }
  if ((file.content == FileContent::kData) != (header.content == ManifestContent::kData)) {
    return refuse("data files and delete files do not share a manifest");
  }
  if ((file.content == FileContent::kEqualityDeletes) == file.equality_ids.empty()) {
    return refuse("equality ids belong to equality deletes, and only to them");
  }
  if (file.content_offset || file.content_size_bytes || file.first_row_id) {
    return refuse("deletion vectors and row ids need format version 3");
  }
  if (file.record_count < 0 || file.file_size_bytes < 0) {
    return refuse("its record count or size is negative");
  }
  return {};
}

Status check_numbers(const ManifestEntry& entry) {
  const bool inherits = entry.status == EntryStatus::kAdded;
  if (!inherits && (!entry.sequence_number || !entry.file_sequence_number)) {
    return base::invalid_input(
        fmt::format("file {} in a manifest: an existing or deleted file needs its sequence numbers",
                    entry.file.path));
  }
  if (entry.status == EntryStatus::kExisting && !entry.snapshot_id) {
    return base::invalid_input(fmt::format(
        "file {} in a manifest: an existing file needs its snapshot id", entry.file.path));
  }
  return {};
}

void count_entry(const ManifestEntry& entry, ManifestFile& summary) {
  switch (entry.status) {
    case EntryStatus::kAdded:
      ++summary.added_files_count;
      summary.added_rows_count += entry.file.record_count;
      break;
    case EntryStatus::kExisting:
      ++summary.existing_files_count;
      summary.existing_rows_count += entry.file.record_count;
      break;
    case EntryStatus::kDeleted:
      ++summary.deleted_files_count;
      summary.deleted_rows_count += entry.file.record_count;
      return;  // not live: no part in the least sequence number
  }
  // A number still to be assigned is above every one that is.
  if (entry.sequence_number && (summary.min_sequence_number == kUnassignedSequence ||
                                *entry.sequence_number < summary.min_sequence_number)) {
    summary.min_sequence_number = *entry.sequence_number;
  }
}

std::map<std::string, std::string> file_metadata(const ManifestHeader& header) {
  return {{"schema", to_json(header.schema).dump()},
          {"schema-id", std::to_string(header.schema.schema_id)},
          {"partition-spec", to_json(header.spec.fields).dump()},
          {"partition-spec-id", std::to_string(header.spec.spec_id)},
          {"format-version", "2"},
          {"content", header.content == ManifestContent::kData ? "data" : "deletes"}};
}

}  // namespace

Result<WrittenManifest> write_manifest(const ManifestHeader& header,
                                       const std::vector<ManifestEntry>& entries) {
  SLUICE_ASSIGN_OR_RETURN(const std::vector<Type> types,
                          partition_types(header.spec, header.schema));
  std::vector<FieldSummarizer> summarizers(types.begin(), types.end());
  WrittenManifest written;
  ManifestFile& summary = written.summary;
  summary.spec_id = header.spec.spec_id;
  summary.content = header.content;
  summary.sequence_number = kUnassignedSequence;
  summary.min_sequence_number = kUnassignedSequence;
  summary.added_snapshot_id = header.snapshot_id;

  avro::ContainerWriter writer(entry_schema(header.spec, types), file_metadata(header),
                               avro::Codec::kDeflate);
  for (const ManifestEntry& entry : entries) {
    SLUICE_RETURN_IF_ERROR(check_file(entry.file, header));
    SLUICE_RETURN_IF_ERROR(check_numbers(entry));
    auto file = file_datum(entry.file, types);
    if (!file) {
      return std::move(file).error().in(fmt::format("partition of {}", entry.file.path));
    }
    SLUICE_RETURN_IF_ERROR(writer.append(Datum(Datum::Items{
        Datum(static_cast<std::int64_t>(entry.status)),
        Datum(entry.snapshot_id.value_or(header.snapshot_id)), datum_if(entry.sequence_number),
        datum_if(entry.file_sequence_number), std::move(*file)})));
    for (std::size_t i = 0; i < types.size(); ++i) {
      summarizers[i].add(entry.file.partition[i]);
    }
    count_entry(entry, summary);
  }
  for (FieldSummarizer& summarizer : summarizers) {
    SLUICE_ASSIGN_OR_RETURN(FieldSummary field, summarizer.finish());
    summary.partitions.push_back(std::move(field));
  }
  SLUICE_ASSIGN_OR_RETURN(written.bytes, writer.finish());
  summary.length = static_cast<std::int64_t>(written.bytes.size());
  return written;
}

}  // namespace sluice::lake
