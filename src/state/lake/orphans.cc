#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/json_fields.h"
#include "sluice/lake/landing_journal.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/pointer_history.h"
#include "sluice/lake/snapshot_files.h"
#include "sluice/lake/table_audit.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

/// The local paths of all files that tables refer to.
class References {
 public:
  explicit References(storage::FileIo& files) : files_(files) {}

  Status add_table(const TableMetadata& metadata, const TableEntry& entry) {
    SLUICE_RETURN_IF_ERROR(add(entry.metadata_location));
    for (const MetadataLogEntry& log : metadata.metadata_log) {
      SLUICE_RETURN_IF_ERROR(add(log.metadata_file));
    }
    SLUICE_RETURN_IF_ERROR(add_statistics(metadata));
    for (const SnapshotPtr& snapshot : metadata.snapshots) {
      SLUICE_RETURN_IF_ERROR(add_snapshot(*snapshot));
    }
    return {};
  }

  bool has(const std::string& path) const { return paths_.contains(path); }

 private:
  Status add(const std::string& uri) {
    SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(uri));
    paths_.insert(std::move(path));
    return {};
  }

  Status add_snapshot(const Snapshot& snapshot) {
    SLUICE_ASSIGN_OR_RETURN(const auto manifests, read_manifest_files(files_, snapshot));
    if (!snapshot.manifest_list.empty()) {
      SLUICE_RETURN_IF_ERROR(add(snapshot.manifest_list));
    }
    for (const ManifestFile& listed : manifests) {
      SLUICE_ASSIGN_OR_RETURN(const std::string path, storage::local_path(listed.path));
      if (!paths_.insert(path).second) {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const Manifest manifest, read_manifest_file(files_, listed));
      for (const ManifestEntry& entry : manifest.entries) {
        // A deleted entry's file is live in the snapshots before, if those are still kept.
        if (entry.status != EntryStatus::kDeleted) {
          SLUICE_RETURN_IF_ERROR(add(entry.file.path));
        }
      }
    }
    return {};
  }

  /// Statistics files, which other engines may have written.
  Status add_statistics(const TableMetadata& metadata) {
    for (const auto& [name, text] : metadata.other_fields) {
      if (name != "statistics" && name != "partition-statistics") {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const json items, base::parse_json(text, metadata.location));
      for (const json& item : items) {
        SLUICE_ASSIGN_OR_RETURN(const std::string uri,
                                base::json_string(item, "statistics-path", metadata.location));
        SLUICE_RETURN_IF_ERROR(add(uri));
      }
    }
    return {};
  }

  storage::FileIo& files_;
  std::set<std::string> paths_;
};

/// Folders of a folder; none when it is not there.
Result<std::vector<std::string>> folders_of(storage::FileIo& files, const std::string& dir) {
  std::vector<std::string> folders;
  const auto listed = files.list(dir, false);
  if (!listed && listed.error().kind != base::ErrorKind::kNotFound) {
    return listed.error();
  }
  if (listed) {
    for (const storage::ListedFile& item : *listed) {
      if (item.stat.is_dir) {
        folders.push_back(item.path);
      }
    }
  }
  return folders;
}

/// All files where tables keep theirs, also of tables whose first commit did not take place.
Result<std::vector<storage::ListedFile>> list_table_files(Catalog& catalog) {
  std::vector<storage::ListedFile> found;
  storage::FileIo& files = catalog.files();
  SLUICE_ASSIGN_OR_RETURN(const auto namespaces, folders_of(files, catalog.warehouse()));
  for (const std::string& ns : namespaces) {
    SLUICE_ASSIGN_OR_RETURN(const auto tables, folders_of(files, ns));
    for (const std::string& table : tables) {
      for (const char* part : {"data", "metadata"}) {
        auto listed = files.list(storage::join_path(table, part), true);
        if (listed) {
          std::move(listed->begin(), listed->end(), std::back_inserter(found));
        } else if (listed.error().kind != base::ErrorKind::kNotFound) {
          return std::move(listed).error();
        }
      }
    }
  }
  return found;
}

bool is_open(const std::string& path, const std::set<std::string>& open_prefixes) {
  return std::any_of(open_prefixes.begin(), open_prefixes.end(),
                     [&](const std::string& prefix) { return path.starts_with(prefix); });
}

}  // namespace

Result<std::vector<storage::ListedFile>> list_orphans(Catalog& catalog,
                                                      const std::set<std::string>& open_prefixes,
                                                      std::int64_t before_us) {
  // Listed first: what a commit adds meanwhile is not among the files, so it cannot be an orphan.
  SLUICE_ASSIGN_OR_RETURN(std::vector<storage::ListedFile> found, list_table_files(catalog));
  References references(catalog.files());
  std::set<std::string> histories;
  SLUICE_ASSIGN_OR_RETURN(const auto tables, catalog.list_own_tables());
  for (const TableEntry& entry : tables) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry.metadata_location));
    SLUICE_RETURN_IF_ERROR(references.add_table(*metadata, entry));
    histories.insert(storage::join_path(catalog.metadata_path(entry.table), kPointerHistoryName));
  }
  std::erase_if(found, [&](const storage::ListedFile& file) {
    return file.stat.modified_us >= before_us || is_open(file.path, open_prefixes) ||
           references.has(file.path) || histories.contains(file.path) ||
           file.path.ends_with(std::string("/metadata/") + kLandingJournalName);
  });
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

}  // namespace sluice::lake
