#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/json_fields.h"
#include "sluice/base/text.h"
#include "sluice/lake/avro/container.h"
#include "sluice/lake/internal/avro_value.h"
#include "sluice/lake/internal/record_view.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/schema_json.h"

namespace sluice::lake {

namespace {

using avro::Datum;
using base::Result;
using base::Status;
using nlohmann::json;

/// Reads one manifest; `inherited` is its line in the manifest list.
class ManifestReader {
 public:
  ManifestReader(std::string_view bytes, const ManifestFile& inherited)
      : bytes_(bytes), inherited_(inherited), what_(inherited.path) {}

  Result<Manifest> read();

 private:
  Status read_version_and_content();
  Status read_spec();
  Status find_partition();
  Result<ManifestEntry> read_entry(const RecordView& record) const;
  Status inherit(ManifestEntry& entry) const;
  Result<DataFile> read_file(const RecordView& record) const;
  Status read_metrics(const RecordView& record, DataFile& file) const;
  Status read_partition(const RecordView& record, DataFile& file) const;

  base::Error corrupt(std::string_view reason) const {
    return base::corrupt(fmt::format("{}: {}", what_, reason));
  }

  std::string_view bytes_;
  const ManifestFile& inherited_;
  std::string_view what_;
  avro::ContainerHeader header_;
  std::vector<std::size_t> partition_at_;  // where the partition record has each field of the spec
  Manifest manifest_;
};

Status ManifestReader::read_version_and_content() {
  const std::string_view version = header_.find("format-version");
  if (!version.empty() && version != "1" && version != "2" && version != "3") {
    return base::unsupported(
        fmt::format("{}: a manifest of format version {} is not supported", what_, version));
  }
  const std::string_view content = header_.find("content");
  if (!content.empty() && content != "data" && content != "deletes") {
    return corrupt(fmt::format("its content is '{}'", content));
  }
  manifest_.content = content == "deletes" ? ManifestContent::kDeletes : ManifestContent::kData;
  if (manifest_.content != inherited_.content) {
    return corrupt("its content is not what the manifest list says");
  }
  return {};
}

Status ManifestReader::read_spec() {
  SLUICE_ASSIGN_OR_RETURN(const json schema,
                          base::parse_json(header_.find("schema"), what_, kSchemaJsonDepthMax));
  SLUICE_ASSIGN_OR_RETURN(manifest_.schema, schema_from_json(schema, what_));
  SLUICE_ASSIGN_OR_RETURN(const json fields,
                          base::parse_json(header_.find("partition-spec"), what_));
  SLUICE_ASSIGN_OR_RETURN(manifest_.spec.fields, partition_fields_from_json(fields, what_));
  manifest_.spec.spec_id = inherited_.spec_id;
  const std::string_view id = header_.find("partition-spec-id");
  if (!id.empty() && id != std::to_string(inherited_.spec_id)) {
    return corrupt(fmt::format("it is of partition spec {}, the manifest list says {}", id,
                               inherited_.spec_id));
  }
  return {};
}

Status ManifestReader::find_partition() {
  const int file_at = header_.schema->index_of(2);
  const auto* file = file_at < 0 ? nullptr : header_.schema->fields[file_at].type.get();
  const int partition_at = file == nullptr ? -1 : file->index_of(102);
  const auto* partition = partition_at < 0 ? nullptr : file->fields[partition_at].type.get();
  if (partition == nullptr || partition->kind != avro::Kind::kRecord) {
    return corrupt("its schema has no partition record");
  }
  for (const PartitionField& field : manifest_.spec.fields) {
    const int at = partition->index_of(field.field_id);
    if (at < 0) {
      return corrupt(
          fmt::format("its partition record lacks field '{}' ({})", field.name, field.field_id));
    }
    SLUICE_ASSIGN_OR_RETURN(const data::Type type,
                            type_of(*partition->fields[static_cast<std::size_t>(at)].type));
    partition_at_.push_back(static_cast<std::size_t>(at));
    manifest_.partition_types.push_back(type);
  }
  return {};
}

Status ManifestReader::inherit(ManifestEntry& entry) const {
  if (!entry.snapshot_id) {
    entry.snapshot_id = inherited_.added_snapshot_id;
  }
  // Manifests of v1 have sequence number 0, and so has all that they list.
  const bool may_inherit = entry.status == EntryStatus::kAdded || inherited_.sequence_number == 0;
  if (!may_inherit && (!entry.sequence_number || !entry.file_sequence_number)) {
    return corrupt(fmt::format("file {} is not added and has no sequence number", entry.file.path));
  }
  entry.sequence_number = entry.sequence_number.value_or(inherited_.sequence_number);
  entry.file_sequence_number = entry.file_sequence_number.value_or(inherited_.sequence_number);
  return {};
}

Status ManifestReader::read_partition(const RecordView& record, DataFile& file) const {
  SLUICE_ASSIGN_OR_RETURN(const RecordView partition, record.record(102, "partition"));
  for (std::size_t i = 0; i < partition_at_.size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(data::Value value, from_datum(partition.items()[partition_at_[i]],
                                                          manifest_.partition_types[i]));
    file.partition.push_back(std::move(value));
  }
  return {};
}

Status ManifestReader::read_metrics(const RecordView& record, DataFile& file) const {
  SLUICE_ASSIGN_OR_RETURN(file.column_sizes, record.integer_map_if(108, "column_sizes", 117, 118));
  SLUICE_ASSIGN_OR_RETURN(file.value_counts, record.integer_map_if(109, "value_counts", 119, 120));
  SLUICE_ASSIGN_OR_RETURN(file.null_value_counts,
                          record.integer_map_if(110, "null_value_counts", 121, 122));
  SLUICE_ASSIGN_OR_RETURN(file.nan_value_counts,
                          record.integer_map_if(137, "nan_value_counts", 138, 139));
  SLUICE_ASSIGN_OR_RETURN(file.lower_bounds, record.bytes_map_if(125, "lower_bounds", 126, 127));
  SLUICE_ASSIGN_OR_RETURN(file.upper_bounds, record.bytes_map_if(128, "upper_bounds", 129, 130));
  return {};
}

Result<FileFormat> parse_format(const std::string& text, std::string_view what) {
  const std::string lower = base::lower(text);
  if (lower == "parquet") {
    return FileFormat::kParquet;
  }
  if (lower == "avro") {
    return FileFormat::kAvro;
  }
  if (lower == "orc") {
    return FileFormat::kOrc;
  }
  if (lower == "puffin") {
    return FileFormat::kPuffin;
  }
  return base::unsupported(fmt::format("{}: file format '{}' is not known", what, text));
}

Result<DataFile> ManifestReader::read_file(const RecordView& record) const {
  DataFile file;
  file.spec_id = inherited_.spec_id;
  SLUICE_ASSIGN_OR_RETURN(const auto content, record.integer_if(134, "content"));
  if (content.value_or(0) < 0 || content.value_or(0) > 2 ||
      (content.value_or(0) == 0) != (manifest_.content == ManifestContent::kData)) {
    return corrupt(fmt::format("a file's content is {}", content.value_or(0)));
  }
  file.content = static_cast<FileContent>(content.value_or(0));
  SLUICE_ASSIGN_OR_RETURN(file.path, record.bytes(100, "file_path"));
  SLUICE_ASSIGN_OR_RETURN(const std::string format, record.bytes(101, "file_format"));
  SLUICE_ASSIGN_OR_RETURN(file.format, parse_format(format, what_));
  SLUICE_RETURN_IF_ERROR(read_partition(record, file));
  SLUICE_ASSIGN_OR_RETURN(file.record_count, record.integer(103, "record_count"));
  SLUICE_ASSIGN_OR_RETURN(file.file_size_bytes, record.integer(104, "file_size_in_bytes"));
  if (file.record_count < 0 || file.file_size_bytes < 0) {
    return corrupt(fmt::format("file {} has a negative record count or size", file.path));
  }
  SLUICE_RETURN_IF_ERROR(read_metrics(record, file));
  SLUICE_ASSIGN_OR_RETURN(file.key_metadata, record.bytes_if(131, "key_metadata"));
  SLUICE_ASSIGN_OR_RETURN(file.split_offsets, record.integers_if(132, "split_offsets"));
  SLUICE_ASSIGN_OR_RETURN(const auto equality_ids, record.integers_if(135, "equality_ids"));
  for (const std::int64_t id : equality_ids) {
    file.equality_ids.push_back(static_cast<int>(id));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto sort_order, record.integer_if(140, "sort_order_id"));
  if (sort_order) {
    file.sort_order_id = static_cast<int>(*sort_order);
  }
  SLUICE_ASSIGN_OR_RETURN(file.referenced_data_file, record.bytes_if(143, "referenced_data_file"));
  SLUICE_ASSIGN_OR_RETURN(file.first_row_id, record.integer_if(142, "first_row_id"));
  SLUICE_ASSIGN_OR_RETURN(file.content_offset, record.integer_if(144, "content_offset"));
  SLUICE_ASSIGN_OR_RETURN(file.content_size_bytes, record.integer_if(145, "content_size_in_bytes"));
  return file;
}

Result<ManifestEntry> ManifestReader::read_entry(const RecordView& record) const {
  ManifestEntry entry;
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t status, record.integer(0, "status"));
  if (status < 0 || status > 2) {
    return corrupt(fmt::format("an entry's status is {}", status));
  }
  entry.status = static_cast<EntryStatus>(status);
  SLUICE_ASSIGN_OR_RETURN(entry.snapshot_id, record.integer_if(1, "snapshot_id"));
  SLUICE_ASSIGN_OR_RETURN(entry.sequence_number, record.integer_if(3, "sequence_number"));
  SLUICE_ASSIGN_OR_RETURN(entry.file_sequence_number, record.integer_if(4, "file_sequence_number"));
  SLUICE_ASSIGN_OR_RETURN(const RecordView file, record.record(2, "data_file"));
  SLUICE_ASSIGN_OR_RETURN(entry.file, read_file(file));
  SLUICE_RETURN_IF_ERROR(inherit(entry));
  return entry;
}

Result<Manifest> ManifestReader::read() {
  if (inherited_.length > 0 && static_cast<std::int64_t>(bytes_.size()) != inherited_.length) {
    return corrupt(fmt::format("it has {} bytes, the manifest list says {}", bytes_.size(),
                               inherited_.length));
  }
  SLUICE_ASSIGN_OR_RETURN(header_, avro::read_header(bytes_, what_));
  SLUICE_RETURN_IF_ERROR(read_version_and_content());
  SLUICE_RETURN_IF_ERROR(read_spec());
  SLUICE_RETURN_IF_ERROR(find_partition());
  SLUICE_RETURN_IF_ERROR(
      avro::read_values(bytes_, header_, what_, [&](const Datum& datum) -> Status {
        SLUICE_ASSIGN_OR_RETURN(const RecordView record,
                                RecordView::of(*header_.schema, datum, what_));
        SLUICE_ASSIGN_OR_RETURN(ManifestEntry entry, read_entry(record));
        manifest_.entries.push_back(std::move(entry));
        return {};
      }));
  const std::int64_t listed = inherited_.added_files_count + inherited_.existing_files_count +
                              inherited_.deleted_files_count;
  if (inherited_.counts_known && listed != static_cast<std::int64_t>(manifest_.entries.size())) {
    return corrupt(fmt::format("it lists {} files, the manifest list says {}",
                               manifest_.entries.size(), listed));
  }
  return std::move(manifest_);
}

}  // namespace

Result<Manifest> read_manifest(std::string_view bytes, const ManifestFile& inherited) {
  return ManifestReader(bytes, inherited).read();
}

}  // namespace sluice::lake
