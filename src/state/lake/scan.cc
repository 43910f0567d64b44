#include "sluice/lake/scan.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/lake/internal/scan_filter.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/snapshot_files.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

/// Lists one snapshot's files into a plan.
class Scan {
 public:
  Scan(storage::FileIo& files, const TableMetadata& metadata, const Snapshot& snapshot,
       const ScanFilter& filter, ScanPlan& plan)
      : files_(files), metadata_(metadata), snapshot_(snapshot), filter_(filter), plan_(plan) {}

  Status run() {
    SLUICE_ASSIGN_OR_RETURN(const auto manifests, read_manifest_files(files_, snapshot_));
    for (const ManifestFile& manifest : manifests) {
      if (manifest.may_have_live_files()) {
        SLUICE_RETURN_IF_ERROR(add(manifest));
      }
    }
    return {};
  }

 private:
  Status add(const ManifestFile& listed) {
    if (listed.content == ManifestContent::kDeletes) {
      return base::unsupported(
          fmt::format("snapshot {} has delete files, which cannot be read yet", snapshot_.id));
    }
    const PartitionSpec* spec = metadata_.partition_spec(listed.spec_id);
    if (spec == nullptr) {
      return base::corrupt(fmt::format("{}: manifest {} is of partition spec {}, which is unknown",
                                       snapshot_.manifest_list, listed.path, listed.spec_id));
    }
    SLUICE_ASSIGN_OR_RETURN(const bool read,
                            filter_.may_match(listed, *spec, snapshot_.manifest_list));
    if (!read) {
      ++plan_.manifests_pruned;
      plan_.files_pruned += listed.added_files_count + listed.existing_files_count;
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(Manifest manifest, read_manifest_file(files_, listed));
    for (ManifestEntry& entry : manifest.entries) {
      if (entry.status != EntryStatus::kDeleted) {
        SLUICE_RETURN_IF_ERROR(add(std::move(entry.file), manifest.spec, listed.path));
      }
    }
    return {};
  }

  Status add(DataFile file, const PartitionSpec& spec, const std::string& manifest) {
    if (file.content != FileContent::kData) {
      return base::corrupt(fmt::format("{}: {} is a delete file", manifest, file.path));
    }
    if (file.format != FileFormat::kParquet) {
      return base::unsupported(
          fmt::format("{}: {} is not a Parquet file, and no other format can be read yet", manifest,
                      file.path));
    }
    SLUICE_ASSIGN_OR_RETURN(const bool read, filter_.may_match(file, spec, manifest));
    if (read) {
      plan_.files.push_back(std::move(file));
    } else {
      ++plan_.files_pruned;
    }
    return {};
  }

  storage::FileIo& files_;
  const TableMetadata& metadata_;
  const Snapshot& snapshot_;
  const ScanFilter& filter_;
  ScanPlan& plan_;
};

Result<const data::Schema*> schema_of(const TableMetadata& metadata, const Snapshot& snapshot) {
  if (!snapshot.schema_id) {
    return &metadata.current_schema();
  }
  const data::Schema* schema = metadata.schema(*snapshot.schema_id);
  if (schema == nullptr) {
    return base::corrupt(fmt::format("table {}: snapshot {} is of schema {}, which is unknown",
                                     metadata.location, snapshot.id, *snapshot.schema_id));
  }
  return schema;
}

}  // namespace

std::int64_t ScanPlan::rows() const {
  std::int64_t rows = 0;
  for (const DataFile& file : files) {
    rows += file.record_count;
  }
  return rows;
}

std::int64_t ScanPlan::bytes() const {
  std::int64_t bytes = 0;
  for (const DataFile& file : files) {
    bytes += file.file_size_bytes;
  }
  return bytes;
}

Result<ScanPlan> plan_scan(storage::FileIo& files, const TableMetadata& metadata,
                           std::optional<std::int64_t> snapshot_id,
                           const std::vector<Predicate>& predicates) {
  ScanPlan plan;
  const Snapshot* snapshot =
      snapshot_id ? metadata.snapshot(*snapshot_id) : metadata.current_snapshot();
  if (snapshot_id && snapshot == nullptr) {
    return base::not_found(
        fmt::format("table {} has no snapshot {}", metadata.location, *snapshot_id));
  }
  if (snapshot_id) {
    SLUICE_ASSIGN_OR_RETURN(const data::Schema* schema, schema_of(metadata, *snapshot));
    plan.schema = *schema;
  } else {
    plan.schema = metadata.current_schema();
  }
  SLUICE_ASSIGN_OR_RETURN(const ScanFilter filter, ScanFilter::make(predicates, plan.schema));
  if (snapshot != nullptr) {
    plan.snapshot_id = snapshot->id;
    SLUICE_RETURN_IF_ERROR(Scan(files, metadata, *snapshot, filter, plan).run());
  }
  return plan;
}

}  // namespace sluice::lake
