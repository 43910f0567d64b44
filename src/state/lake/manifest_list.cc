#include "sluice/lake/manifest_list.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/lake/avro/container.h"
#include "sluice/lake/internal/record_view.h"

namespace sluice::lake {

namespace {

using avro::Datum;
using avro::Kind;
using base::Result;

avro::SchemaPtr summary_schema() {
  return avro::record("r508",
                      {{"contains_null", 509, avro::primitive(Kind::kBoolean)},
                       {"contains_nan", 518, avro::optional(avro::primitive(Kind::kBoolean))},
                       {"lower_bound", 510, avro::optional(avro::primitive(Kind::kBytes))},
                       {"upper_bound", 511, avro::optional(avro::primitive(Kind::kBytes))}});
}

avro::SchemaPtr list_schema() {
  const auto integer = avro::primitive(Kind::kInt);
  const auto number = avro::primitive(Kind::kLong);
  return avro::record("manifest_file",
                      {{"manifest_path", 500, avro::primitive(Kind::kString)},
                       {"manifest_length", 501, number},
                       {"partition_spec_id", 502, integer},
                       {"content", 517, integer},
                       {"sequence_number", 515, number},
                       {"min_sequence_number", 516, number},
                       {"added_snapshot_id", 503, number},
                       {"added_files_count", 504, integer},
                       {"existing_files_count", 505, integer},
                       {"deleted_files_count", 506, integer},
                       {"added_rows_count", 512, number},
                       {"existing_rows_count", 513, number},
                       {"deleted_rows_count", 514, number},
                       {"partitions", 507, avro::optional(avro::array(summary_schema(), 508))},
                       {"key_metadata", 519, avro::optional(avro::primitive(Kind::kBytes))}});
}

template <class T>
Datum datum_if(const std::optional<T>& value) {
  return value ? Datum(*value) : Datum();
}

Datum summaries_datum(const std::vector<FieldSummary>& summaries) {
  Datum::Items items;
  for (const FieldSummary& summary : summaries) {
    items.emplace_back(Datum::Items{Datum(summary.contains_null), datum_if(summary.contains_nan),
                                    datum_if(summary.lower_bound), datum_if(summary.upper_bound)});
  }
  return Datum(std::move(items));
}

Datum manifest_datum(const ManifestFile& manifest) {
  Datum::Items items;
  items.emplace_back(manifest.path);
  items.emplace_back(manifest.length);
  items.emplace_back(std::int64_t{manifest.spec_id});
  items.emplace_back(static_cast<std::int64_t>(manifest.content));
  for (const std::int64_t number :
       {manifest.sequence_number, manifest.min_sequence_number, manifest.added_snapshot_id,
        manifest.added_files_count, manifest.existing_files_count, manifest.deleted_files_count,
        manifest.added_rows_count, manifest.existing_rows_count, manifest.deleted_rows_count}) {
    items.emplace_back(number);
  }
  // None is also what an unpartitioned table has; null is right for that and for "not known".
  items.push_back(manifest.partitions.empty() ? Datum() : summaries_datum(manifest.partitions));
  items.push_back(datum_if(manifest.key_metadata));
  return Datum(std::move(items));
}

/// Returns the manifest as this commit lists it: with the commit's sequence number where it has
/// none.
Result<ManifestFile> with_sequence(ManifestFile manifest, const ManifestListHeader& header) {
  if (!manifest.counts_known) {
    return base::invalid_input(fmt::format(
        "the counts of manifest {} are not known; read it and fill them in", manifest.path));
  }
  if (manifest.sequence_number == kUnassignedSequence) {
    if (manifest.added_snapshot_id != header.snapshot_id) {
      return base::invalid_input(
          fmt::format("manifest {} has no sequence number and was added by snapshot {}, not {}",
                      manifest.path, manifest.added_snapshot_id, header.snapshot_id));
    }
    manifest.sequence_number = header.sequence_number;
  }
  if (manifest.min_sequence_number == kUnassignedSequence) {
    manifest.min_sequence_number = manifest.sequence_number;
  }
  if (manifest.sequence_number > header.sequence_number ||
      manifest.min_sequence_number > manifest.sequence_number) {
    return base::invalid_input(fmt::format(
        "manifest {} has sequence number {} (least {}) in a snapshot of {}", manifest.path,
        manifest.sequence_number, manifest.min_sequence_number, header.sequence_number));
  }
  return manifest;
}

base::Status read_counts(const RecordView& record, ManifestFile& manifest) {
  struct Count {
    int id;
    const char* name;
    std::int64_t ManifestFile::* to;
  };
  static constexpr Count kCounts[] = {
      {504, "added_files_count", &ManifestFile::added_files_count},
      {505, "existing_files_count", &ManifestFile::existing_files_count},
      {506, "deleted_files_count", &ManifestFile::deleted_files_count},
      {512, "added_rows_count", &ManifestFile::added_rows_count},
      {513, "existing_rows_count", &ManifestFile::existing_rows_count},
      {514, "deleted_rows_count", &ManifestFile::deleted_rows_count}};
  for (const Count& count : kCounts) {
    SLUICE_ASSIGN_OR_RETURN(const auto value, record.integer_if(count.id, count.name));
    if (value && *value < 0) {
      return base::corrupt(fmt::format("{}: {} is {}", record.what(), count.name, *value));
    }
    manifest.counts_known = manifest.counts_known && value.has_value();
    manifest.*count.to = value.value_or(0);
  }
  return {};
}

base::Status read_summaries(const RecordView& record, ManifestFile& manifest) {
  SLUICE_ASSIGN_OR_RETURN(const auto summaries, record.records_if(507, "partitions"));
  for (const RecordView& item : summaries) {
    FieldSummary summary;
    SLUICE_ASSIGN_OR_RETURN(const auto contains_null, item.boolean_if(509, "contains_null"));
    if (!contains_null) {
      return base::corrupt(
          fmt::format("{}: a partition summary has no contains_null", record.what()));
    }
    summary.contains_null = *contains_null;
    SLUICE_ASSIGN_OR_RETURN(summary.contains_nan, item.boolean_if(518, "contains_nan"));
    SLUICE_ASSIGN_OR_RETURN(summary.lower_bound, item.bytes_if(510, "lower_bound"));
    SLUICE_ASSIGN_OR_RETURN(summary.upper_bound, item.bytes_if(511, "upper_bound"));
    manifest.partitions.push_back(std::move(summary));
  }
  return {};
}

Result<ManifestFile> read_manifest_file(const RecordView& record) {
  ManifestFile manifest;
  SLUICE_ASSIGN_OR_RETURN(manifest.path, record.bytes(500, "manifest_path"));
  SLUICE_ASSIGN_OR_RETURN(manifest.length, record.integer(501, "manifest_length"));
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t spec_id, record.integer(502, "partition_spec_id"));
  manifest.spec_id = static_cast<int>(spec_id);
  SLUICE_ASSIGN_OR_RETURN(const auto content, record.integer_if(517, "content"));
  if (content.value_or(0) != 0 && *content != 1) {
    return base::corrupt(fmt::format("{}: content is {}", record.what(), *content));
  }
  manifest.content = static_cast<ManifestContent>(content.value_or(0));
  SLUICE_ASSIGN_OR_RETURN(const auto sequence, record.integer_if(515, "sequence_number"));
  SLUICE_ASSIGN_OR_RETURN(const auto least, record.integer_if(516, "min_sequence_number"));
  manifest.sequence_number = sequence.value_or(0);
  manifest.min_sequence_number = least.value_or(0);
  if (manifest.min_sequence_number < 0 || manifest.min_sequence_number > manifest.sequence_number) {
    return base::corrupt(fmt::format("{}: manifest {} has sequence number {} and a least of {}",
                                     record.what(), manifest.path, manifest.sequence_number,
                                     manifest.min_sequence_number));
  }
  SLUICE_ASSIGN_OR_RETURN(manifest.added_snapshot_id, record.integer(503, "added_snapshot_id"));
  SLUICE_RETURN_IF_ERROR(read_counts(record, manifest));
  SLUICE_RETURN_IF_ERROR(read_summaries(record, manifest));
  SLUICE_ASSIGN_OR_RETURN(manifest.key_metadata, record.bytes_if(519, "key_metadata"));
  return manifest;
}

}  // namespace

Result<std::string> write_manifest_list(const ManifestListHeader& header,
                                        const std::vector<ManifestFile>& manifests) {
  avro::ContainerWriter writer(
      list_schema(),
      {{"format-version", "2"},
       {"snapshot-id", std::to_string(header.snapshot_id)},
       {"parent-snapshot-id",
        header.parent_snapshot_id ? std::to_string(*header.parent_snapshot_id) : "null"},
       {"sequence-number", std::to_string(header.sequence_number)}},
      avro::Codec::kDeflate);
  for (const ManifestFile& manifest : manifests) {
    SLUICE_ASSIGN_OR_RETURN(const ManifestFile listed, with_sequence(manifest, header));
    SLUICE_RETURN_IF_ERROR(writer.append(manifest_datum(listed)));
  }
  return writer.finish();
}

Result<std::vector<ManifestFile>> read_manifest_list(std::string_view bytes,
                                                     std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const avro::ContainerHeader header, avro::read_header(bytes, what));
  const std::string_view version = header.find("format-version");
  if (!version.empty() && version != "1" && version != "2" && version != "3") {
    return base::unsupported(
        fmt::format("{}: a manifest list of format version {} is not supported", what, version));
  }
  std::vector<ManifestFile> manifests;
  SLUICE_RETURN_IF_ERROR(
      avro::read_values(bytes, header, what, [&](const Datum& datum) -> base::Status {
        SLUICE_ASSIGN_OR_RETURN(const RecordView record,
                                RecordView::of(*header.schema, datum, what));
        SLUICE_ASSIGN_OR_RETURN(ManifestFile manifest, read_manifest_file(record));
        manifests.push_back(std::move(manifest));
        return {};
      }));
  return manifests;
}

}  // namespace sluice::lake
