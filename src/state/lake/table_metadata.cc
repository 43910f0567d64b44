#include "sluice/lake/table_metadata.h"

#include "sluice/base/check.h"

namespace sluice::lake {

const data::Schema* TableMetadata::schema(int schema_id) const {
  for (const data::Schema& candidate : schemas) {
    if (candidate.schema_id == schema_id) {
      return &candidate;
    }
  }
  return nullptr;
}

const PartitionSpec* TableMetadata::partition_spec(int spec_id) const {
  for (const PartitionSpec& candidate : partition_specs) {
    if (candidate.spec_id == spec_id) {
      return &candidate;
    }
  }
  return nullptr;
}

const Snapshot* TableMetadata::snapshot(std::int64_t snapshot_id) const {
  // The newest are asked for most.
  for (auto candidate = snapshots.rbegin(); candidate != snapshots.rend(); ++candidate) {
    if ((*candidate)->id == snapshot_id) {
      return candidate->get();
    }
  }
  return nullptr;
}

const data::Schema& TableMetadata::current_schema() const {
  const data::Schema* current = schema(current_schema_id);
  SLUICE_CHECK(current != nullptr, "metadata was validated");
  return *current;
}

const PartitionSpec& TableMetadata::default_spec() const {
  const PartitionSpec* current = partition_spec(default_spec_id);
  SLUICE_CHECK(current != nullptr, "metadata was validated");
  return *current;
}

const Snapshot* TableMetadata::current_snapshot() const {
  return current_snapshot_id ? snapshot(*current_snapshot_id) : nullptr;
}

const Snapshot* TableMetadata::snapshot_as_of(std::int64_t timestamp_ms) const {
  const Snapshot* found = nullptr;
  for (const SnapshotLogEntry& entry : snapshot_log) {
    if (entry.timestamp_ms <= timestamp_ms) {
      found = snapshot(entry.snapshot_id);
    }
  }
  return found;
}

}  // namespace sluice::lake
