#include "sluice/lake/table_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kTagBytesMax = 128;

std::set<std::int64_t> ancestors(const TableMetadata& metadata) {
  std::set<std::int64_t> ids;
  const Snapshot* snapshot = metadata.current_snapshot();
  while (snapshot != nullptr && ids.insert(snapshot->id).second) {
    snapshot = snapshot->parent_id ? metadata.snapshot(*snapshot->parent_id) : nullptr;
  }
  return ids;
}

Status check_tag_name(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
  });
  const bool digits =
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (name.empty() || name.size() > kTagBytesMax || !plain || digits || base::parse_iso8601(name)) {
    return base::invalid_input(
        fmt::format("'{}' cannot be a tag: use letters, digits, '_', '-' and '.', and no name that "
                    "could be a snapshot id or a time",
                    name));
  }
  return {};
}

/// Commits one change of a table that exists.
Result<TableCommit> commit_change(Catalog& catalog, const TableEntry& entry, TableChange change,
                                  const base::Clock& clock, base::Random& random) {
  change.table = entry.table;
  change.base_metadata_location = entry.metadata_location;
  CommitRequest request;
  request.id = base::make_id<base::CommitId>(clock, random);
  request.changes.push_back(std::move(change));
  SLUICE_ASSIGN_OR_RETURN(CommitOutcome outcome, catalog.commit(request));
  return std::move(outcome.tables.front());
}

}  // namespace

std::vector<HistoryEntry> list_history(const TableMetadata& metadata) {
  const std::set<std::int64_t> kept = ancestors(metadata);
  std::vector<HistoryEntry> history;
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    HistoryEntry entry;
    entry.snapshot_id = snapshot->id;
    entry.timestamp_ms = snapshot->timestamp_ms;
    entry.operation = snapshot->operation ? std::string(to_text(*snapshot->operation)) : "";
    entry.rows_added = summary_count(*snapshot, "added-records");
    entry.rows_deleted = summary_count(*snapshot, "deleted-records");
    entry.rows = summary_count(*snapshot, "total-records");
    entry.run = summary_text(*snapshot, "sluice.run-id");
    entry.is_current = metadata.current_snapshot_id == snapshot->id;
    entry.is_ancestor = kept.contains(snapshot->id);
    for (const auto& [name, ref] : metadata.refs) {
      if (ref.snapshot_id == snapshot->id) {
        entry.refs.push_back(name);
      }
    }
    history.push_back(std::move(entry));
  }
  std::stable_sort(
      history.begin(), history.end(),
      [](const HistoryEntry& a, const HistoryEntry& b) { return a.timestamp_ms < b.timestamp_ms; });
  std::reverse(history.begin(), history.end());
  return history;
}

std::optional<std::int64_t> held_at(const TableMetadata& metadata) {
  const auto found = metadata.properties.find(std::string(kHeldAt));
  if (found == metadata.properties.end() || found->second.empty()) {
    return std::nullopt;
  }
  return std::strtoll(found->second.c_str(), nullptr, 10);
}

Result<TableCommit> roll_back(Catalog& catalog, const TableName& table, std::int64_t snapshot_id,
                              bool hold, const base::Clock& clock, base::Random& random) {
  SLUICE_ASSIGN_OR_RETURN(const TableEntry entry, catalog.find_to_change(table));
  if (entry.current_snapshot_id == snapshot_id) {
    return base::invalid_input(
        fmt::format("{} is at snapshot {} already", to_text(table), snapshot_id));
  }
  TableChange change;
  change.make_current = snapshot_id;
  if (hold) {
    change.set_properties[std::string(kHeldAt)] = std::to_string(snapshot_id);
  }
  return commit_change(catalog, entry, std::move(change), clock, random);
}

Result<TableCommit> release_hold(Catalog& catalog, const TableName& table, const base::Clock& clock,
                                 base::Random& random) {
  SLUICE_ASSIGN_OR_RETURN(const TableEntry entry, catalog.find_to_change(table));
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry.metadata_location));
  if (!held_at(*metadata)) {
    return base::invalid_input(fmt::format("{} is not held", to_text(table)));
  }
  TableChange change;
  change.set_properties[std::string(kHeldAt)] = "";
  return commit_change(catalog, entry, std::move(change), clock, random);
}

Result<TableCommit> set_tag(Catalog& catalog, const TableName& table, const std::string& name,
                            std::int64_t snapshot_id, std::optional<std::int64_t> max_age_ms,
                            const base::Clock& clock, base::Random& random) {
  SLUICE_RETURN_IF_ERROR(check_tag_name(name));
  SLUICE_ASSIGN_OR_RETURN(const TableEntry entry, catalog.find_to_change(table));
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry.metadata_location));
  if (const auto ref = metadata->refs.find(name);
      ref != metadata->refs.end() && ref->second.type == RefType::kBranch) {
    return base::invalid_input(fmt::format("'{}' is a branch of {}", name, to_text(table)));
  }
  SnapshotRef tag;
  tag.snapshot_id = snapshot_id;
  tag.type = RefType::kTag;
  tag.max_ref_age_ms = max_age_ms;
  TableChange change;
  change.set_refs[name] = tag;
  return commit_change(catalog, entry, std::move(change), clock, random);
}

Result<TableCommit> delete_tag(Catalog& catalog, const TableName& table, const std::string& name,
                               const base::Clock& clock, base::Random& random) {
  SLUICE_ASSIGN_OR_RETURN(const TableEntry entry, catalog.find_to_change(table));
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry.metadata_location));
  const auto ref = metadata->refs.find(name);
  if (ref != metadata->refs.end() && ref->second.type == RefType::kBranch) {
    return base::invalid_input(
        fmt::format("'{}' is a branch of {}; only tags are deleted here", name, to_text(table)));
  }
  TableChange change;
  change.set_refs[name] = std::nullopt;
  return commit_change(catalog, entry, std::move(change), clock, random);
}

}  // namespace sluice::lake
