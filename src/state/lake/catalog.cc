#include "sluice/lake/catalog.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/pointer_history.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;

constexpr std::int64_t kMetadataBytesMax = std::int64_t{1} << 30;
/// Metadata files that are kept parsed; the oldest makes room.
constexpr std::size_t kCachedMax = 256;

constexpr std::string_view kEntryColumns =
    "SELECT ns, name, metadata_location, uuid, current_snapshot_id, version FROM lake_tables";

TableEntry read_entry(const Statement& row) {
  return {{row.get_text(0), row.get_text(1)},
          row.get_text(2),
          row.get_text(3),
          row.get_int_if(4),
          row.get_int(5)};
}

}  // namespace

Catalog::Catalog(metastore::Database& database, storage::FileIo& files, std::string warehouse,
                 const base::Clock& clock, base::Random& random)
    : database_(database),
      files_(files),
      warehouse_(std::move(warehouse)),
      clock_(clock),
      random_(random) {}

Result<std::vector<TableEntry>> list_tables_of(metastore::Database& database) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          database.prepare(fmt::format("{} ORDER BY ns, name", kEntryColumns)));
  std::vector<TableEntry> entries;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return entries;
    }
    entries.push_back(read_entry(query));
  }
}

Result<std::vector<TableEntry>> Catalog::list_own_tables() { return list_tables_of(database_); }

Result<std::vector<TableEntry>> Catalog::list_tables() {
  SLUICE_ASSIGN_OR_RETURN(auto own, list_own_tables());
  if (borrowed_.tables.empty()) {
    return own;
  }
  std::map<TableName, TableEntry> shown;
  for (TableEntry& entry : own) {
    shown.emplace(entry.table, std::move(entry));
  }
  const auto is_own = [&](const TableName& table) {
    const auto found = shown.find(table);
    return found != shown.end() && !found->second.borrowed;
  };
  for (const auto& [table, entry] : borrowed_.tables) {
    const auto companion = borrowed_.goes_with.find(table);
    if (companion == borrowed_.goes_with.end() || !is_own(companion->second)) {
      shown.emplace(table, entry);
    }
  }
  std::vector<TableEntry> entries;
  for (auto& [table, entry] : shown) {
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::optional<TableEntry>> Catalog::find_own(const TableName& table) {
  SLUICE_ASSIGN_OR_RETURN(Statement query, database_.prepare(fmt::format(
                                               "{} WHERE ns = ? AND name = ?", kEntryColumns)));
  query.bind(1, std::string_view(table.ns)).bind(2, std::string_view(table.name));
  SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
  return row ? std::optional(read_entry(query)) : std::nullopt;
}

Result<std::optional<TableEntry>> Catalog::find(const TableName& table) {
  SLUICE_ASSIGN_OR_RETURN(auto own, find_own(table));
  const auto lent = borrowed_.tables.find(table);
  if (own || lent == borrowed_.tables.end()) {
    return own;
  }
  const auto companion = borrowed_.goes_with.find(table);
  if (companion != borrowed_.goes_with.end()) {
    SLUICE_ASSIGN_OR_RETURN(const auto own_companion, find_own(companion->second));
    if (own_companion) {
      return std::optional<TableEntry>();
    }
  }
  return std::optional(lent->second);
}

Result<TableEntry> Catalog::find_to_change(const TableName& table) {
  SLUICE_ASSIGN_OR_RETURN(auto entry, find(table));
  if (!entry) {
    return base::not_found(fmt::format("there is no table {}", to_text(table)));
  }
  if (entry->borrowed) {
    return base::unsupported(fmt::format(
        "{0} is borrowed from {1}, whose tables are only read here: do this in {1}, or build a "
        "{0} of this target's own first",
        to_text(table), borrowed_.from));
  }
  return *std::move(entry);
}

Result<TableMetadataPtr> Catalog::load(const TableName& table) {
  SLUICE_ASSIGN_OR_RETURN(const auto entry, find(table));
  if (!entry) {
    return base::not_found(fmt::format("there is no table {}", to_text(table)));
  }
  auto metadata = load_location(entry->metadata_location);
  if (!metadata) {
    return std::move(metadata).error().in(to_text(table));
  }
  return metadata;
}

Result<TableMetadataPtr> Catalog::load_location(const std::string& metadata_location) {
  if (const auto cached = cache_.find(metadata_location); cached != cache_.end()) {
    return cached->second;
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string path, storage::local_path(metadata_location));
  const auto bytes = files_.read_all(path, kMetadataBytesMax);
  if (!bytes) {
    // The metastore points to it, so that it is not there is damage.
    return bytes.error().kind == base::ErrorKind::kNotFound
               ? base::corrupt(fmt::format("metadata file {} is missing", path))
               : bytes.error();
  }
  SLUICE_ASSIGN_OR_RETURN(TableMetadata metadata, parse_table_metadata(*bytes, path));
  auto shared = std::make_shared<const TableMetadata>(std::move(metadata));
  keep(metadata_location, shared);
  return shared;
}

void Catalog::keep(const std::string& metadata_location, TableMetadataPtr metadata) {
  if (!cache_.emplace(metadata_location, std::move(metadata)).second) {
    return;
  }
  cache_order_.push_back(metadata_location);
  if (cache_order_.size() > kCachedMax) {
    cache_.erase(cache_order_.front());
    cache_order_.pop_front();
  }
}

/// Also adds what earlier processes did not get to write.
Status Catalog::write_history(const TableName& table) {
  auto known = history_version_.find(table);
  if (known == history_version_.end()) {
    SLUICE_ASSIGN_OR_RETURN(const auto moves, mend_pointer_history(files_, metadata_path(table)));
    known = history_version_.emplace(table, moves.empty() ? -1 : moves.back().version).first;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto commits,
                          list_table_commits(database_, table, known->second + 1));
  std::vector<PointerMove> moves;
  for (const LedgerEntry& entry : commits) {
    const TableCommit& commit = entry.tables.front();
    moves.push_back({commit.version, commit.metadata_location, entry.id, entry.committed_at_us});
  }
  if (moves.empty()) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(append_pointer_history(files_, metadata_path(table), moves));
  known->second = moves.back().version;
  return {};
}

Result<std::optional<CommitOutcome>> Catalog::find_commit(const base::CommitId& id) {
  SLUICE_ASSIGN_OR_RETURN(auto entry, find_ledger_entry(database_, id));
  if (!entry) {
    return std::optional<CommitOutcome>();
  }
  return std::optional(CommitOutcome{std::move(entry->tables), true});
}

Status Catalog::discard(std::span<const DataFile> files) {
  std::vector<std::string> paths;
  for (const DataFile& file : files) {
    SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(file.path));
    if (!path.starts_with(warehouse_ + "/") || path.find("/../") != std::string::npos) {
      return base::invalid_input(
          fmt::format("{} is outside of the warehouse {}; it is not removed", path, warehouse_));
    }
    paths.push_back(std::move(path));
  }
  for (const std::string& path : paths) {
    SLUICE_RETURN_IF_ERROR(files_.remove(path));
  }
  return {};
}

void Catalog::forget(const TableName& table) {
  written_lists_.erase(table);
  history_version_.erase(table);
}

std::string Catalog::table_path(const TableName& table) const {
  return storage::join_path(storage::join_path(warehouse_, table.ns), table.name);
}

std::string Catalog::data_path(const TableName& table) const {
  return storage::join_path(table_path(table), "data");
}

std::string Catalog::metadata_path(const TableName& table) const {
  return storage::join_path(table_path(table), "metadata");
}

}  // namespace sluice::lake
