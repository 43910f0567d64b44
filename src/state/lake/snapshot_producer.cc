#include "sluice/lake/internal/snapshot_producer.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "sluice/lake/bounds.h"
#include "sluice/lake/internal/manifest_merge.h"
#include "sluice/lake/internal/snapshot_summary.h"
#include "sluice/lake/snapshot_files.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

class SnapshotProducer {
 public:
  SnapshotProducer(storage::FileIo& files, SnapshotInput input)
      : files_(files),
        input_(std::move(input)),
        sequence_number_(input_.metadata.last_sequence_number + 1) {}

  Result<ProducedSnapshot> produce() {
    SLUICE_RETURN_IF_ERROR(produce_manifests());
    SLUICE_RETURN_IF_ERROR(fill_snapshot());
    SLUICE_RETURN_IF_ERROR(write_list());
    return std::move(produced_);
  }

 private:
  Status produce_manifests() {
    switch (input_.change.write) {
      case Write::kReplaceAll:
        return replace();
      case Write::kRewrite:
        return rewrite();
      case Write::kNone:
      case Write::kAppend:
        break;
    }
    return append();
  }

  Status append() {
    std::vector<ManifestFile> own;  // of the default spec, newest first: only those are merged
    std::vector<ManifestFile> others;
    const std::vector<ManifestEntry> added = added_entries();
    if (!added.empty()) {
      SLUICE_ASSIGN_OR_RETURN(ManifestFile manifest, write(added));
      own.push_back(std::move(manifest));
    }
    for (ManifestFile& manifest : input_.manifests) {
      if (!manifest.may_have_live_files()) {
        continue;
      }
      const bool is_own = manifest.content == ManifestContent::kData &&
                          manifest.spec_id == input_.metadata.default_spec_id;
      (is_own ? own : others).push_back(std::move(manifest));
    }
    // Without new files there is nothing to be gained that is worth a rewrite.
    if (added.empty()) {
      produced_.manifests = std::move(own);
    } else {
      SLUICE_RETURN_IF_ERROR(merge(std::move(own), added));
    }
    for (ManifestFile& manifest : others) {
      produced_.manifests.push_back(std::move(manifest));
    }
    return {};
  }

  Status replace() {
    const std::vector<ManifestEntry> added = added_entries();
    if (!added.empty()) {
      SLUICE_ASSIGN_OR_RETURN(ManifestFile manifest, write(added));
      produced_.manifests.push_back(std::move(manifest));
    }
    for (const ManifestFile& manifest : input_.manifests) {
      if (!manifest.may_have_live_files()) {
        continue;
      }
      if (manifest.content == ManifestContent::kDeletes) {
        return base::unsupported(
            fmt::format("the table at {} has delete files, which a replacement cannot remove yet",
                        input_.metadata.location));
      }
      SLUICE_RETURN_IF_ERROR(delete_all(manifest));
    }
    return {};
  }

  /// Rewrites the manifests that name a removed file; the others stay as they are.
  Status rewrite() {
    const std::vector<ManifestEntry> added = added_entries();
    if (!added.empty()) {
      SLUICE_ASSIGN_OR_RETURN(ManifestFile manifest, write(added));
      produced_.manifests.push_back(std::move(manifest));
    }
    std::set<std::string> wanted(input_.change.removed.begin(), input_.change.removed.end());
    for (ManifestFile& manifest : input_.manifests) {
      if (!manifest.may_have_live_files()) {
        continue;
      }
      if (manifest.content == ManifestContent::kDeletes) {
        return base::unsupported(
            fmt::format("the table at {} has delete files, which a rewrite cannot apply yet",
                        input_.metadata.location));
      }
      SLUICE_ASSIGN_OR_RETURN(const bool touched, remove_from(manifest, wanted));
      if (!touched) {
        produced_.manifests.push_back(std::move(manifest));
      }
    }
    if (!wanted.empty()) {
      return base::conflict(fmt::format("file {} is not in the table any more", *wanted.begin()));
    }
    return {};
  }

  /// Marks the wanted files of a manifest as deleted and takes them off the list; false when it
  /// names none of them.
  Result<bool> remove_from(const ManifestFile& file, std::set<std::string>& wanted) {
    SLUICE_ASSIGN_OR_RETURN(Manifest manifest, read_manifest_file(files_, file));
    std::vector<ManifestEntry> entries;
    bool touched = false;
    for (ManifestEntry& entry : manifest.entries) {
      if (entry.status == EntryStatus::kDeleted) {
        continue;
      }
      entry.status = EntryStatus::kExisting;
      if (wanted.erase(entry.file.path) > 0) {
        entry.status = EntryStatus::kDeleted;
        entry.snapshot_id = input_.snapshot_id;
        removed_.add(entry.file);
        touched = true;
        if (input_.change.forget) {
          continue;
        }
      }
      entries.push_back(std::move(entry));
    }
    if (touched && !entries.empty()) {
      SLUICE_ASSIGN_OR_RETURN(ManifestFile written, write(entries, manifest.schema, manifest.spec));
      produced_.manifests.push_back(std::move(written));
    }
    return touched;
  }

  std::vector<ManifestEntry> added_entries() const {
    std::vector<ManifestEntry> entries;
    entries.reserve(input_.change.files.size());
    for (const DataFile& file : input_.change.files) {
      entries.push_back({EntryStatus::kAdded, std::nullopt, std::nullopt, std::nullopt, file});
    }
    return entries;
  }

  /// Marks a manifest's live files as deleted, in a manifest of its own schema and spec.
  Status delete_all(const ManifestFile& file) {
    SLUICE_ASSIGN_OR_RETURN(Manifest manifest, read_manifest_file(files_, file));
    std::vector<ManifestEntry> entries;
    for (ManifestEntry& entry : manifest.entries) {
      if (entry.status == EntryStatus::kDeleted) {
        continue;
      }
      entry.status = EntryStatus::kDeleted;
      entry.snapshot_id = input_.snapshot_id;
      removed_.add(entry.file);
      if (!input_.change.forget) {
        entries.push_back(std::move(entry));
      }
    }
    if (entries.empty()) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(ManifestFile written, write(entries, manifest.schema, manifest.spec));
    produced_.manifests.push_back(std::move(written));
    return {};
  }

  Status merge(std::vector<ManifestFile> own, const std::vector<ManifestEntry>& added) {
    SLUICE_ASSIGN_OR_RETURN(const MergePolicy policy, merge_policy(input_.metadata.properties));
    const std::string new_manifest = own.front().path;
    for (std::vector<ManifestFile>& group : group_manifests(std::move(own), policy)) {
      if (group.size() == 1) {
        produced_.manifests.push_back(std::move(group.front()));
        continue;
      }
      std::vector<ManifestEntry> entries;
      for (const ManifestFile& manifest : group) {
        if (manifest.path == new_manifest) {
          entries.insert(entries.end(), added.begin(), added.end());
          produced_.files.clear();  // it goes into the merged one
        } else {
          SLUICE_RETURN_IF_ERROR(keep_live(manifest, entries));
        }
      }
      SLUICE_ASSIGN_OR_RETURN(ManifestFile merged, write(entries));
      produced_.manifests.push_back(std::move(merged));
    }
    return {};
  }

  /// Adds a manifest's live files as existing ones, with partition values of the types that the
  /// spec has now.
  Status keep_live(const ManifestFile& file, std::vector<ManifestEntry>& entries) {
    SLUICE_ASSIGN_OR_RETURN(Manifest manifest, read_manifest_file(files_, file));
    SLUICE_ASSIGN_OR_RETURN(
        const std::vector<data::Type> types,
        partition_types(input_.metadata.default_spec(), input_.metadata.current_schema()));
    for (ManifestEntry& entry : manifest.entries) {
      if (entry.status == EntryStatus::kDeleted) {
        continue;
      }
      entry.status = EntryStatus::kExisting;
      for (std::size_t i = 0; i < types.size(); ++i) {
        if (!data::is_null(entry.file.partition[i])) {
          SLUICE_ASSIGN_OR_RETURN(entry.file.partition[i],
                                  widen_value(entry.file.partition[i], types[i]));
        }
      }
      entries.push_back(std::move(entry));
    }
    return {};
  }

  Result<ManifestFile> write(const std::vector<ManifestEntry>& entries) {
    return write(entries, input_.metadata.current_schema(), input_.metadata.default_spec());
  }

  Result<ManifestFile> write(const std::vector<ManifestEntry>& entries, const data::Schema& schema,
                             const PartitionSpec& spec) {
    SLUICE_ASSIGN_OR_RETURN(
        WrittenManifest written,
        write_manifest({schema, spec, ManifestContent::kData, input_.snapshot_id}, entries));
    const std::string path = storage::join_path(
        input_.metadata_path, fmt::format("{}-m{}.avro", input_.unique_name, manifests_written_++));
    written.summary.path = storage::file_uri(path);
    produced_.files.push_back({path, std::move(written.bytes)});
    return std::move(written.summary);
  }

  Status fill_snapshot() {
    const Snapshot* parent = input_.metadata.current_snapshot();
    Snapshot& snapshot = produced_.snapshot;
    snapshot.id = input_.snapshot_id;
    snapshot.parent_id = input_.metadata.current_snapshot_id;
    snapshot.sequence_number = sequence_number_;
    snapshot.timestamp_ms = input_.timestamp_ms;
    snapshot.operation = removed_.files > 0 ? Operation::kOverwrite : Operation::kAppend;
    snapshot.schema_id = input_.metadata.current_schema_id;
    FileTotals added;
    for (const DataFile& file : input_.change.files) {
      added.add(file);
    }
    SLUICE_ASSIGN_OR_RETURN(snapshot.summary, summarize(added, removed_, produced_.manifests,
                                                        parent, input_.change.summary));
    return {};
  }

  Status write_list() {
    Snapshot& snapshot = produced_.snapshot;
    SLUICE_ASSIGN_OR_RETURN(std::string bytes,
                            write_manifest_list({snapshot.id, snapshot.parent_id, sequence_number_},
                                                produced_.manifests));
    const std::string path = storage::join_path(
        input_.metadata_path, fmt::format("snap-{}-1-{}.avro", snapshot.id, input_.unique_name));
    snapshot.manifest_list = storage::file_uri(path);
    produced_.files.push_back({path, std::move(bytes)});
    for (ManifestFile& manifest : produced_.manifests) {
      if (manifest.sequence_number == kUnassignedSequence) {
        manifest.sequence_number = sequence_number_;
      }
      if (manifest.min_sequence_number == kUnassignedSequence) {
        manifest.min_sequence_number = sequence_number_;
      }
    }
    return {};
  }

  storage::FileIo& files_;
  SnapshotInput input_;
  const std::int64_t sequence_number_;
  int manifests_written_ = 0;
  FileTotals removed_;
  ProducedSnapshot produced_;
};

}  // namespace

Result<ProducedSnapshot> produce_snapshot(storage::FileIo& files, SnapshotInput input) {
  return SnapshotProducer(files, std::move(input)).produce();
}

}  // namespace sluice::lake
