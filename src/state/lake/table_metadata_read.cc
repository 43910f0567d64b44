#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "sluice/base/json_fields.h"
#include "sluice/lake/json_slices.h"
#include "sluice/lake/schema_json.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr int kFormatVersionMax = 3;

// Fields that are read into TableMetadata or, for v1, replaced by their v2 form; the others are
// carried along as text.
const std::set<std::string, std::less<>> kOwnFields = {"format-version",
                                                       "table-uuid",
                                                       "location",
                                                       "last-sequence-number",
                                                       "last-updated-ms",
                                                       "last-column-id",
                                                       "schema",
                                                       "schemas",
                                                       "current-schema-id",
                                                       "partition-spec",
                                                       "partition-specs",
                                                       "default-spec-id",
                                                       "last-partition-id",
                                                       "properties",
                                                       "current-snapshot-id",
                                                       "snapshots",
                                                       "snapshot-log",
                                                       "metadata-log",
                                                       "sort-orders",
                                                       "default-sort-order-id",
                                                       "refs"};

/// Reads one metadata document: large lists stay text and are parsed item by item, the rest is
/// small and becomes one DOM.
class MetadataReader {
 public:
  MetadataReader(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  Result<TableMetadata> read();

 private:
  Status open();
  Status read_scalars();
  Status read_schemas();
  Status read_specs();
  Status read_sort_orders();
  Status read_properties();
  Status read_snapshots();
  Status read_logs();
  Status read_refs();

  /// Returns the text of a member, or "" when it is absent or null.
  std::string_view slice(std::string_view name) const;
  Result<std::int64_t> number_or(const char* name, std::int64_t when_v1) const;
  Result<int> id_or(const char* name, int when_v1) const;
  base::Error missing(std::string_view name) const {
    return base::corrupt(fmt::format("{}: field '{}' is missing", what_, name));
  }
  bool is_v1() const { return version_ == 1; }

  std::string_view text_;
  std::string_view what_;
  std::vector<std::pair<std::string, std::string_view>> members_;
  json small_ = json::object();
  std::int64_t version_ = 0;
  TableMetadata metadata_;
};

std::string_view MetadataReader::slice(std::string_view name) const {
  for (const auto& [candidate, value] : members_) {
    if (candidate == name) {
      return value == "null" ? std::string_view() : value;
    }
  }
  return {};
}

Result<std::int64_t> MetadataReader::number_or(const char* name, std::int64_t when_v1) const {
  if (is_v1() && slice(name).empty()) {
    return when_v1;
  }
  return base::json_int(small_, name, what_);
}

Result<int> MetadataReader::id_or(const char* name, int when_v1) const {
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t id, number_or(name, when_v1));
  if (id != static_cast<int>(id)) {
    return base::corrupt(fmt::format("{}: '{}' is {}", what_, name, id));
  }
  return static_cast<int>(id);
}

Status MetadataReader::open() {
  SLUICE_ASSIGN_OR_RETURN(members_, slice_object(text_, what_));
  static const std::set<std::string, std::less<>> kLarge = {"snapshots", "snapshot-log",
                                                            "metadata-log", "schemas"};
  for (const auto& [name, value] : members_) {
    if (kLarge.contains(name)) {
      continue;
    }
    auto parsed = base::parse_json(value, what_, kSchemaJsonDepthMax);
    if (!parsed) {
      return std::move(parsed).error().in(fmt::format("field '{}'", name));
    }
    if (kOwnFields.contains(name)) {
      small_[name] = std::move(*parsed);
    } else {
      metadata_.other_fields.emplace_back(name, value);
    }
  }
  SLUICE_ASSIGN_OR_RETURN(version_, base::json_int(small_, "format-version", what_));
  if (version_ < 1) {
    return base::corrupt(fmt::format("{}: format-version is {}", what_, version_));
  }
  if (version_ > kFormatVersionMax) {
    return base::unsupported(fmt::format("{}: Iceberg format version {} is newer than {}", what_,
                                         version_, kFormatVersionMax));
  }
  metadata_.format_version = std::max(2, static_cast<int>(version_));
  return {};
}

Status MetadataReader::read_scalars() {
  SLUICE_ASSIGN_OR_RETURN(const auto uuid, base::json_string_if(small_, "table-uuid", what_));
  if (!uuid && !is_v1()) {
    return missing("table-uuid");
  }
  metadata_.table_uuid = uuid.value_or("");
  SLUICE_ASSIGN_OR_RETURN(metadata_.location, base::json_string(small_, "location", what_));
  SLUICE_ASSIGN_OR_RETURN(metadata_.last_sequence_number, number_or("last-sequence-number", 0));
  SLUICE_ASSIGN_OR_RETURN(metadata_.last_updated_ms,
                          base::json_int(small_, "last-updated-ms", what_));
  SLUICE_ASSIGN_OR_RETURN(metadata_.last_column_id, id_or("last-column-id", 0));
  return {};
}

Status MetadataReader::read_schemas() {
  std::vector<std::string_view> texts;
  if (const std::string_view list = slice("schemas"); !list.empty()) {
    SLUICE_ASSIGN_OR_RETURN(texts, slice_array(list, what_));
  } else if (const std::string_view only = slice("schema"); is_v1() && !only.empty()) {
    texts.push_back(only);
  } else {
    return missing("schemas");
  }
  for (const std::string_view text : texts) {
    SLUICE_ASSIGN_OR_RETURN(const json node, base::parse_json(text, what_, kSchemaJsonDepthMax));
    SLUICE_ASSIGN_OR_RETURN(data::Schema schema, schema_from_json(node, what_));
    if (node.contains("schema-id")) {
      metadata_.kept_schemas.push_back({schema, std::string(text)});
    }
    metadata_.schemas.push_back(std::move(schema));
  }
  const int first = metadata_.schemas.empty() ? 0 : metadata_.schemas.front().schema_id;
  SLUICE_ASSIGN_OR_RETURN(metadata_.current_schema_id, id_or("current-schema-id", first));
  return {};
}

Status MetadataReader::read_specs() {
  if (is_v1() && slice("partition-specs").empty()) {
    PartitionSpec spec;
    SLUICE_ASSIGN_OR_RETURN(const json* fields, base::json_array(small_, "partition-spec", what_));
    SLUICE_ASSIGN_OR_RETURN(spec.fields, partition_fields_from_json(*fields, what_));
    metadata_.partition_specs.push_back(std::move(spec));
  } else {
    SLUICE_ASSIGN_OR_RETURN(const json* specs, base::json_array(small_, "partition-specs", what_));
    for (const json& node : *specs) {
      SLUICE_ASSIGN_OR_RETURN(PartitionSpec spec, partition_spec_from_json(node, what_));
      metadata_.partition_specs.push_back(std::move(spec));
    }
  }
  int last = kFirstPartitionFieldId - 1;
  for (const PartitionSpec& spec : metadata_.partition_specs) {
    for (const PartitionField& field : spec.fields) {
      last = std::max(last, field.field_id);
    }
  }
  SLUICE_ASSIGN_OR_RETURN(metadata_.default_spec_id, id_or("default-spec-id", 0));
  SLUICE_ASSIGN_OR_RETURN(metadata_.last_partition_id, id_or("last-partition-id", last));
  return {};
}

Status MetadataReader::read_sort_orders() {
  if (is_v1() && slice("sort-orders").empty()) {
    return {};  // the default: order 0 alone
  }
  SLUICE_ASSIGN_OR_RETURN(const json* orders, base::json_array(small_, "sort-orders", what_));
  metadata_.sort_orders.clear();
  for (const json& node : *orders) {
    auto order = sort_order_from_json(node, what_);
    if (!order) {
      return std::move(order).error();
    }
    metadata_.sort_orders.push_back(std::move(*order));
  }
  SLUICE_ASSIGN_OR_RETURN(metadata_.default_sort_order_id, id_or("default-sort-order-id", 0));
  return {};
}

Status MetadataReader::read_properties() {
  if (slice("properties").empty()) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const json* properties, base::json_object(small_, "properties", what_));
  for (const auto& [key, value] : properties->items()) {
    if (!value.is_string()) {
      return base::corrupt(fmt::format("{}: property '{}' is not text", what_, key));
    }
    metadata_.properties[key] = value.get<std::string>();
  }
  return {};
}

Status MetadataReader::read_snapshots() {
  if (const std::string_view list = slice("snapshots"); !list.empty()) {
    SLUICE_ASSIGN_OR_RETURN(const auto texts, slice_array(list, what_));
    for (const std::string_view text : texts) {
      SLUICE_ASSIGN_OR_RETURN(SnapshotPtr snapshot,
                              parse_snapshot(text, static_cast<int>(version_), what_));
      metadata_.snapshots.push_back(std::move(snapshot));
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const auto current,
                          base::json_int_if(small_, "current-snapshot-id", what_));
  if (current && *current != -1) {
    metadata_.current_snapshot_id = current;
  }
  return {};
}

Status MetadataReader::read_logs() {
  if (const std::string_view list = slice("snapshot-log"); !list.empty()) {
    SLUICE_ASSIGN_OR_RETURN(const json log, base::parse_json(list, what_));
    if (!log.is_array()) {
      return base::corrupt(fmt::format("{}: 'snapshot-log' is not a list", what_));
    }
    for (const json& node : log) {
      SnapshotLogEntry entry;
      SLUICE_ASSIGN_OR_RETURN(entry.timestamp_ms, base::json_int(node, "timestamp-ms", what_));
      SLUICE_ASSIGN_OR_RETURN(entry.snapshot_id, base::json_int(node, "snapshot-id", what_));
      metadata_.snapshot_log.push_back(entry);
    }
  }
  if (const std::string_view list = slice("metadata-log"); !list.empty()) {
    SLUICE_ASSIGN_OR_RETURN(const json log, base::parse_json(list, what_));
    if (!log.is_array()) {
      return base::corrupt(fmt::format("{}: 'metadata-log' is not a list", what_));
    }
    for (const json& node : log) {
      MetadataLogEntry entry;
      SLUICE_ASSIGN_OR_RETURN(entry.timestamp_ms, base::json_int(node, "timestamp-ms", what_));
      SLUICE_ASSIGN_OR_RETURN(entry.metadata_file, base::json_string(node, "metadata-file", what_));
      metadata_.metadata_log.push_back(std::move(entry));
    }
  }
  return {};
}

Status MetadataReader::read_refs() {
  if (!slice("refs").empty()) {
    SLUICE_ASSIGN_OR_RETURN(const json* refs, base::json_object(small_, "refs", what_));
    for (const auto& [name, node] : refs->items()) {
      SLUICE_ASSIGN_OR_RETURN(
          metadata_.refs[name],
          snapshot_ref_from_json(node, fmt::format("{}: ref '{}'", what_, name)));
    }
  }
  // Writers before refs existed (and of v1) name the main branch only by current-snapshot-id.
  if (metadata_.current_snapshot_id && !metadata_.refs.contains(std::string(kMainBranch))) {
    metadata_.refs[std::string(kMainBranch)].snapshot_id = *metadata_.current_snapshot_id;
  }
  return {};
}

Result<TableMetadata> MetadataReader::read() {
  SLUICE_RETURN_IF_ERROR(open());
  SLUICE_RETURN_IF_ERROR(read_scalars());
  SLUICE_RETURN_IF_ERROR(read_schemas());
  SLUICE_RETURN_IF_ERROR(read_specs());
  SLUICE_RETURN_IF_ERROR(read_sort_orders());
  SLUICE_RETURN_IF_ERROR(read_properties());
  SLUICE_RETURN_IF_ERROR(read_snapshots());
  SLUICE_RETURN_IF_ERROR(read_logs());
  SLUICE_RETURN_IF_ERROR(read_refs());
  SLUICE_RETURN_IF_ERROR(validate(metadata_, what_));
  return std::move(metadata_);
}

}  // namespace

Result<TableMetadata> parse_table_metadata(std::string_view text, std::string_view what) {
  return MetadataReader(text, what).read();
}

}  // namespace sluice::lake
