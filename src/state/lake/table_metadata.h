#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/lake/partition_spec.h"
#include "sluice/lake/snapshot.h"
#include "sluice/lake/sort_order.h"

namespace sluice::lake {

inline constexpr std::string_view kMainBranch = "main";

struct SnapshotLogEntry {
  std::int64_t timestamp_ms = 0;
  std::int64_t snapshot_id = 0;

  friend bool operator==(const SnapshotLogEntry&, const SnapshotLogEntry&) = default;
};

struct MetadataLogEntry {
  std::int64_t timestamp_ms = 0;
  std::string metadata_file;  // URI

  friend bool operator==(const MetadataLogEntry&, const MetadataLogEntry&) = default;
};

/// A schema together with the text it was read from. While `schema` is unchanged the text is
/// written back, so that what newer writers put into it is kept.
struct KeptSchema {
  data::Schema schema;
  std::string json;
};

/// The content of a table's metadata file (Iceberg spec v2, "Table Metadata Fields"). A copy is
/// cheap: snapshots are shared and immutable.
struct TableMetadata {
  int format_version = 2;  // 2, or 3 (which may be read but not changed: check_writable())
  std::string table_uuid;
  std::string location;  // URI of the table's folder
  std::int64_t last_sequence_number = 0;
  std::int64_t last_updated_ms = 0;
  int last_column_id = 0;
  std::vector<data::Schema> schemas;
  int current_schema_id = 0;
  std::vector<PartitionSpec> partition_specs;
  int default_spec_id = 0;
  int last_partition_id = kFirstPartitionFieldId - 1;
  std::vector<SortOrder> sort_orders = {SortOrder{}};
  int default_sort_order_id = 0;
  std::map<std::string, std::string> properties;
  std::vector<SnapshotPtr> snapshots;
  std::optional<std::int64_t> current_snapshot_id;
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, SnapshotRef> refs;
  /// Top-level fields that are only carried along (statistics and whatever is not known): name and
  /// JSON text, in the order read.
  std::vector<std::pair<std::string, std::string>> other_fields;
  std::vector<KeptSchema> kept_schemas;

  /// Each returns nullptr when there is none with that id.
  const data::Schema* schema(int schema_id) const;
  const PartitionSpec* partition_spec(int spec_id) const;
  const Snapshot* snapshot(std::int64_t snapshot_id) const;

  /// Never fail on metadata that validate() accepts.
  const data::Schema& current_schema() const;
  const PartitionSpec& default_spec() const;

  /// nullptr while the table has no snapshot.
  const Snapshot* current_snapshot() const;

  /// Returns the snapshot that was current at `timestamp_ms` by the snapshot log, or nullptr.
  const Snapshot* snapshot_as_of(std::int64_t timestamp_ms) const;
};

/// Writes a metadata file. Snapshots are copied as text, never serialized again.
std::string serialize(const TableMetadata& metadata);

/// Reads a metadata file of v1 (upgraded to v2), v2 or v3 and validates it. `what` names the file
/// in errors: kCorrupt says what is wrong, kUnsupported names a newer format or a type not built.
base::Result<TableMetadata> parse_table_metadata(std::string_view json, std::string_view what);

/// Checks what the spec demands between the parts: ids exist and are unique, refs and the current
/// snapshot resolve, sequence numbers grow from parent to child. kCorrupt, naming what is wrong.
base::Status validate(const TableMetadata& metadata, std::string_view what);

/// kUnsupported when the table's format is one that this build must not write (v3).
base::Status check_writable(const TableMetadata& metadata);

}  // namespace sluice::lake
