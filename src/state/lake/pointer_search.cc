#include "sluice/lake/pointer_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "sluice/lake/commit.h"
#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/snapshot_files.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;

constexpr std::int64_t kMetadataBytesMax = std::int64_t{1} << 30;
constexpr std::string_view kMetadataSuffix = ".metadata.json";

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// The version that begins a metadata file's name.
std::optional<std::int64_t> version_of(std::string_view path) {
  const std::string_view name = name_of(path);
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  const bool is_numbered =
      error == std::errc() && end != name.data() + name.size() && *end == '-' && version >= 0;
  return is_numbered && name.ends_with(kMetadataSuffix) ? std::optional(version) : std::nullopt;
}

Result<TableMetadata> read_metadata(storage::FileIo& files, const std::string& path) {
  SLUICE_ASSIGN_OR_RETURN(const std::string bytes, files.read_all(path, kMetadataBytesMax));
  return parse_table_metadata(bytes, path);
}

/// Whether everything that the current snapshot refers to is there.
Status check_complete(storage::FileIo& files, const TableMetadata& metadata) {
  const Snapshot* current = metadata.current_snapshot();
  if (current == nullptr) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto manifests, read_manifest_files(files, *current));
  for (const ManifestFile& listed : manifests) {
    SLUICE_ASSIGN_OR_RETURN(const Manifest manifest, read_manifest_file(files, listed));
    for (const ManifestEntry& entry : manifest.entries) {
      if (entry.status == EntryStatus::kDeleted) {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const std::string path, storage::local_path(entry.file.path));
      SLUICE_ASSIGN_OR_RETURN(const auto stat, files.stat(path));
      if (stat.bytes != entry.file.file_size_bytes) {
        return base::corrupt(fmt::format("{} has {} bytes, its manifest says {}", path, stat.bytes,
                                         entry.file.file_size_bytes));
      }
    }
  }
  return {};
}

/// What the commit that made a metadata file left in it; `before` is the version before.
struct CommitMark {
  std::string id;                   // "" when it left none
  std::vector<std::string> tables;  // of its group; none when it changed one table
};

CommitMark mark_of(const TableMetadata& metadata, const TableMetadata* before) {
  const std::int64_t sequence_before = before == nullptr ? 0 : before->last_sequence_number;
  const std::map<std::string, std::string>* notes = &metadata.properties;
  if (metadata.last_sequence_number > sequence_before) {
    for (const SnapshotPtr& snapshot : metadata.snapshots) {
      if (snapshot->sequence_number == metadata.last_sequence_number) {
        notes = &snapshot->summary;
      }
    }
  }
  CommitMark mark;
  if (const auto id = notes->find(std::string(kCommitIdKey)); id != notes->end()) {
    mark.id = id->second;
  }
  const auto group = notes->find(std::string(kCommitTablesKey));
  if (group != notes->end()) {
    std::string_view rest = group->second;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      mark.tables.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(rest.size(), comma + 1));
    }
  }
  return mark;
}

/// One table's search.
class TableSearch {
 public:
  TableSearch(storage::FileIo& files, TableName table, std::string metadata_path)
      : files_(files), dir_(std::move(metadata_path)) {
    found_.table = std::move(table);
  }

  Status begin() {
    SLUICE_ASSIGN_OR_RETURN(history_, read_pointer_history(files_, dir_));
    found_.history_version = history_.empty() ? -1 : history_.back().version;
    SLUICE_ASSIGN_OR_RETURN(const auto listed, files_.list(dir_, false));
    for (const storage::ListedFile& file : listed) {
      const auto version = version_of(file.path);
      if (version && *version > found_.history_version) {
        candidates_.emplace_back(*version, file.path);
      }
    }
    return choose();
  }

  /// Whether there is such a table at all.
  bool exists() const { return !found_.moves.empty(); }
  const FoundPointer& found() const { return found_; }
  FoundPointer take() { return std::move(found_); }

  bool has_commit(const std::string& id) const {
    return std::any_of(found_.moves.begin(), found_.moves.end(),
                       [&](const PointerMove& move) { return move.commit_id.text == id; });
  }

  /// Goes without a version that history does not have, whose commit misses one of `others`. False:
  /// there is no such version.
  template <class HasCommit>
  Result<bool> drop_partial(const HasCommit& has_commit) {
    for (const auto& [version, mark] : marks_) {
      for (const std::string& other : mark.tables) {
        if (other == to_text(found_.table) || has_commit(other, mark.id)) {
          continue;
        }
        refused_.emplace(path_of(version), fmt::format("its commit is not in {}", other));
        SLUICE_RETURN_IF_ERROR(choose());
        return true;
      }
    }
    return false;
  }

 private:
  std::string path_of(std::int64_t version) const {
    for (const PointerMove& move : found_.moves) {
      if (move.version == version) {
        return storage::local_path(move.metadata_location).value_or("");
      }
    }
    return "";
  }

  /// Takes the newest candidate that holds, else what history ends with.
  Status choose() {
    found_.moves = history_;
    found_.left_alone.clear();
    marks_.clear();
    std::vector<std::pair<TableMetadata, std::pair<std::int64_t, std::string>>> readable;
    for (const auto& candidate : candidates_) {
      auto metadata = read_metadata(files_, candidate.second);
      if (!metadata) {
        leave(candidate.second, metadata.error().message);
        continue;
      }
      readable.emplace_back(*std::move(metadata), candidate);
    }
    std::sort(readable.begin(), readable.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.first, a.first.last_updated_ms, a.second.second) >
             std::tuple(b.second.first, b.first.last_updated_ms, b.second.second);
    });
    for (auto& [metadata, candidate] : readable) {
      const auto& [version, path] = candidate;
      if (const Status holds = judge(metadata, version, path); !holds) {
        leave(path, holds.error().message);
        continue;
      }
      SLUICE_RETURN_IF_ERROR(adopt(std::move(metadata), version, path));
      return {};
    }
    if (history_.empty()) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(const std::string path,
                            storage::local_path(history_.back().metadata_location));
    auto metadata = read_metadata(files_, path);
    if (!metadata) {
      return base::corrupt(fmt::format("{}: its newest metadata cannot be read: {}",
                                       to_text(found_.table), metadata.error().message));
    }
    found_.metadata = *std::move(metadata);
    fill_gaps();
    return {};
  }

  void leave(const std::string& path, const std::string& reason) {
    found_.left_alone.push_back(fmt::format("{}: {}", path, reason));
  }

  Status judge(const TableMetadata& metadata, std::int64_t version, const std::string& path) {
    if (const auto refused = refused_.find(path); refused != refused_.end()) {
      return base::conflict(refused->second);
    }
    std::map<std::int64_t, std::string> log;
    for (const MetadataLogEntry& entry : metadata.metadata_log) {
      if (const auto logged = version_of(entry.metadata_file)) {
        log[*logged] = entry.metadata_file;
      }
    }
    const std::int64_t last = found_.history_version;
    for (std::int64_t between = std::max<std::int64_t>(last, 0); between < version; ++between) {
      const auto logged = log.find(between);
      if (logged == log.end()) {
        return base::corrupt(fmt::format("it does not say what version {} was", between));
      }
      if (between == last && logged->second != history_.back().metadata_location) {
        return base::conflict(fmt::format("it came after another version {}", last));
      }
      SLUICE_ASSIGN_OR_RETURN(const std::string logged_path, storage::local_path(logged->second));
      if (const auto refused = refused_.find(logged_path); refused != refused_.end()) {
        return base::conflict("it came after " + logged_path + ", which is not taken");
      }
    }
    return check_complete(files_, metadata);
  }

  /// Adds the versions from history's last to this one.
  Status adopt(TableMetadata metadata, std::int64_t version, const std::string& path) {
    std::map<std::int64_t, std::string> locations = {{version, storage::file_uri(path)}};
    for (const MetadataLogEntry& entry : metadata.metadata_log) {
      if (const auto logged = version_of(entry.metadata_file)) {
        locations[*logged] = entry.metadata_file;
      }
    }
    std::optional<TableMetadata> before;
    if (!history_.empty()) {
      SLUICE_ASSIGN_OR_RETURN(const std::string last,
                              storage::local_path(history_.back().metadata_location));
      SLUICE_ASSIGN_OR_RETURN(before, read_metadata(files_, last));
    }
    for (std::int64_t next = found_.history_version + 1; next <= version; ++next) {
      SLUICE_ASSIGN_OR_RETURN(const std::string next_path, storage::local_path(locations[next]));
      SLUICE_ASSIGN_OR_RETURN(TableMetadata one, read_metadata(files_, next_path));
      const CommitMark mark = mark_of(one, before ? &*before : nullptr);
      found_.moves.push_back(
          {next, locations[next], base::CommitId(mark.id), one.last_updated_ms * 1000});
      marks_[next] = mark;
      before = std::move(one);
    }
    found_.metadata = std::move(metadata);
    fill_gaps();
    return {};
  }

  /// History may lack versions in between; the metadata log may know them.
  void fill_gaps() {
    std::map<std::int64_t, PointerMove> moves;
    for (PointerMove& move : found_.moves) {
      moves.emplace(move.version, std::move(move));
    }
    for (const MetadataLogEntry& entry : found_.metadata.metadata_log) {
      const auto version = version_of(entry.metadata_file);
      if (version && !moves.contains(*version)) {
        moves[*version] = {*version, entry.metadata_file, base::CommitId(),
                           entry.timestamp_ms * 1000};
      }
    }
    found_.moves.clear();
    found_.unknown.clear();
    std::int64_t expected = 0;
    for (auto& [version, move] : moves) {
      for (; expected < version; ++expected) {
        found_.unknown.push_back(expected);
      }
      expected = version + 1;
      found_.moves.push_back(std::move(move));
    }
  }

  storage::FileIo& files_;
  const std::string dir_;
  std::vector<PointerMove> history_;
  std::vector<std::pair<std::int64_t, std::string>> candidates_;  // version and path
  std::map<std::string, std::string> refused_;                    // paths, with the reason
  std::map<std::int64_t, CommitMark> marks_;  // of the versions that history does not have
  FoundPointer found_;
};

Result<std::vector<std::string>> folders_in(storage::FileIo& files, const std::string& dir) {
  std::vector<std::string> names;
  const auto listed = files.list(dir, false);
  if (!listed) {
    return listed.error().kind == base::ErrorKind::kNotFound
               ? Result<std::vector<std::string>>(names)
               : Result<std::vector<std::string>>(listed.error());
  }
  for (const storage::ListedFile& entry : *listed) {
    const std::string_view name = name_of(entry.path);
    if (entry.stat.is_dir && !name.starts_with('_')) {
      names.emplace_back(name);
    }
  }
  return names;
}

/// The snapshot that a commit made, as far as the table still has it.
std::optional<std::int64_t> snapshot_of(const TableMetadata& metadata, const base::CommitId& id) {
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    const auto found = snapshot->summary.find(std::string(kCommitIdKey));
    if (found != snapshot->summary.end() && found->second == id.text) {
      return snapshot->id;
    }
  }
  return std::nullopt;
}

Status put_pointer(Statement& insert, const FoundPointer& pointer) {
  const PointerMove& last = pointer.moves.back();
  SLUICE_RETURN_IF_ERROR(insert.bind(1, pointer.table.ns)
                             .bind(2, pointer.table.name)
                             .bind(3, pointer.metadata.table_uuid)
                             .bind(4, last.metadata_location)
                             .bind(5, last.version)
                             .bind(6, pointer.metadata.current_snapshot_id)
                             .bind(7, last.committed_at_us)
                             .run());
  insert.reset();
  return {};
}

}  // namespace

Result<std::vector<TableName>> list_table_folders(storage::FileIo& files,
                                                  const std::string& warehouse) {
  std::vector<TableName> tables;
  SLUICE_ASSIGN_OR_RETURN(const auto namespaces, folders_in(files, warehouse));
  for (const std::string& ns : namespaces) {
    const std::string dir = storage::join_path(warehouse, ns);
    SLUICE_ASSIGN_OR_RETURN(const auto names, folders_in(files, dir));
    for (const std::string& name : names) {
      SLUICE_ASSIGN_OR_RETURN(
          const bool has_metadata,
          files.exists(storage::join_path(storage::join_path(dir, name), "metadata")));
      if (has_metadata) {
        tables.push_back({ns, name});
      }
    }
  }
  return tables;
}

Result<std::vector<FoundPointer>> find_pointers(storage::FileIo& files,
                                                const std::string& warehouse,
                                                const base::Clock& clock, base::Random& random) {
  SLUICE_ASSIGN_OR_RETURN(const auto tables, list_table_folders(files, warehouse));
  std::map<std::string, TableSearch> searches;
  for (const TableName& table : tables) {
    const std::string dir = storage::join_path(
        storage::join_path(storage::join_path(warehouse, table.ns), table.name), "metadata");
    TableSearch& search =
        searches.emplace(to_text(table), TableSearch(files, table, dir)).first->second;
    SLUICE_RETURN_IF_ERROR(search.begin());
  }
  const auto has_commit = [&](const std::string& table, const std::string& id) {
    const auto found = searches.find(table);
    return found != searches.end() && found->second.has_commit(id);
  };
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (auto& [name, search] : searches) {
      SLUICE_ASSIGN_OR_RETURN(const bool here, search.drop_partial(has_commit));
      dropped = dropped || here;
    }
  }
  std::vector<FoundPointer> found;
  for (auto& [name, search] : searches) {
    if (!search.exists()) {
      continue;
    }
    found.push_back(search.take());
    for (PointerMove& move : found.back().moves) {
      if (move.commit_id.empty()) {
        move.commit_id = base::make_id<base::CommitId>(clock, random);
      }
    }
  }
  return found;
}

Status put_pointers(metastore::Transaction& transaction,
                    const std::vector<FoundPointer>& pointers) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement insert,
      transaction.database().prepare("INSERT INTO lake_tables (ns, name, uuid, metadata_location, "
                                     "version, current_snapshot_id, updated_at) "
                                     "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  std::map<base::CommitId, LedgerEntry> ledger;
  for (const FoundPointer& pointer : pointers) {
    SLUICE_RETURN_IF_ERROR(put_pointer(insert, pointer));
    for (const PointerMove& move : pointer.moves) {
      LedgerEntry& entry = ledger[move.commit_id];
      entry.id = move.commit_id;
      entry.request_hash = "rebuilt";
      entry.committed_at_us = std::max(entry.committed_at_us, move.committed_at_us);
      entry.tables.push_back({pointer.table, move.metadata_location,
                              snapshot_of(pointer.metadata, move.commit_id), move.version});
    }
  }
  for (const auto& [id, entry] : ledger) {
    SLUICE_RETURN_IF_ERROR(insert_ledger_entry(transaction, entry));
  }
  return {};
}

}  // namespace sluice::lake
