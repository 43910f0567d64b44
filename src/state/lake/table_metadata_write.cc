#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "sluice/lake/json_slices.h"
#include "sluice/lake/schema_json.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::lake {

namespace {

using nlohmann::json;

/// Writes one JSON object member by member; values come as text.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(value, out_);
  }

  void number(std::string_view name, std::int64_t value) {
    key(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }

  void raw(std::string_view name, std::string_view value) {
    key(name);
    out_ += value;
  }

  /// Writes a list whose items `append` writes one by one.
  template <class Items, class Append>
  void list(std::string_view name, const Items& items, Append append) {
    key(name);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      out_ += first ? "" : ",";
      first = false;
      append(item, out_);
    }
    out_ += ']';
  }

  void close() { out_ += '}'; }

 private:
  void key(std::string_view name) {
    out_ += first_ ? "" : ",";
    first_ = false;
    append_json_string(name, out_);
    out_ += ':';
  }

  std::string& out_;
  bool first_ = true;
};

std::string dump(const json& node) {
  return node.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string schema_text(const data::Schema& schema, const TableMetadata& metadata) {
  for (const KeptSchema& kept : metadata.kept_schemas) {
    if (kept.schema == schema) {
      return kept.json;
    }
  }
  return dump(to_json(schema));
}

std::size_t expected_bytes(const TableMetadata& metadata) {
  std::size_t bytes = 4096 + metadata.snapshot_log.size() * 64;
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    bytes += snapshot->json.size() + 1;
  }
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    bytes += entry.metadata_file.size() + 64;
  }
  return bytes;
}

void write_logs(const TableMetadata& metadata, ObjectWriter& writer) {
  writer.list("snapshot-log", metadata.snapshot_log,
              [](const SnapshotLogEntry& entry, std::string& out) {
                fmt::format_to(std::back_inserter(out), R"({{"timestamp-ms":{},"snapshot-id":{}}})",
                               entry.timestamp_ms, entry.snapshot_id);
              });
  writer.list("metadata-log", metadata.metadata_log,
              [](const MetadataLogEntry& entry, std::string& out) {
                fmt::format_to(std::back_inserter(out), R"({{"timestamp-ms":{},"metadata-file":)",
                               entry.timestamp_ms);
                append_json_string(entry.metadata_file, out);
                out += '}';
              });
}

}  // namespace

std::string serialize(const TableMetadata& metadata) {
  std::string out;
  out.reserve(expected_bytes(metadata));
  ObjectWriter writer(out);
  writer.number("format-version", metadata.format_version);
  writer.text("table-uuid", metadata.table_uuid);
  writer.text("location", metadata.location);
  writer.number("last-sequence-number", metadata.last_sequence_number);
  writer.number("last-updated-ms", metadata.last_updated_ms);
  writer.number("last-column-id", metadata.last_column_id);
  writer.number("current-schema-id", metadata.current_schema_id);
  writer.list("schemas", metadata.schemas, [&](const data::Schema& schema, std::string& text) {
    text += schema_text(schema, metadata);
  });
  writer.number("default-spec-id", metadata.default_spec_id);
  writer.list("partition-specs", metadata.partition_specs,
              [](const PartitionSpec& spec, std::string& text) { text += dump(to_json(spec)); });
  writer.number("last-partition-id", metadata.last_partition_id);
  writer.number("default-sort-order-id", metadata.default_sort_order_id);
  writer.list("sort-orders", metadata.sort_orders,
              [](const SortOrder& order, std::string& text) { text += dump(to_json(order)); });
  writer.raw("properties", dump(json(metadata.properties)));
  if (metadata.current_snapshot_id) {
    writer.number("current-snapshot-id", *metadata.current_snapshot_id);
  }
  json refs = json::object();
  for (const auto& [name, ref] : metadata.refs) {
    refs[name] = to_json(ref);
  }
  writer.raw("refs", dump(refs));
  writer.list("snapshots", metadata.snapshots,
              [](const SnapshotPtr& snapshot, std::string& text) { text += snapshot->json; });
  write_logs(metadata, writer);
  for (const auto& [name, value] : metadata.other_fields) {
    writer.raw(name, value);
  }
  writer.close();
  return out;
}

}  // namespace sluice::lake
