#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::lake {

/// What a snapshot did to the table's rows (Iceberg spec, "Snapshots": operation).
enum class Operation : std::uint8_t { kAppend, kReplace, kOverwrite, kDelete };

std::string_view to_text(Operation operation);
base::Result<Operation> parse_operation(std::string_view text);

/// The state of a table at one time. `json` is its serialized form, made by seal() or kept from the
/// file that was read, so that a commit rewrites none of the older snapshots.
struct Snapshot {
  std::int64_t id = 0;
  std::optional<std::int64_t> parent_id;
  std::int64_t sequence_number = 0;
  std::int64_t timestamp_ms = 0;
  std::optional<Operation> operation;          // absent only in old v1 snapshots
  std::map<std::string, std::string> summary;  // without `operation`
  std::string manifest_list;                   // URI; "" in v1 snapshots that list `manifests`
  std::vector<std::string> manifests;          // v1 only: URIs of manifests, in place of a list
  std::optional<int> schema_id;
  std::string json;
};

/// A field of the summary; "", or 0, when the snapshot has none of that name.
std::string summary_text(const Snapshot& snapshot, const std::string& key);
std::int64_t summary_count(const Snapshot& snapshot, const std::string& key);

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// Freezes a snapshot that was filled in: writes its `json`.
SnapshotPtr seal(Snapshot snapshot);

/// Reads one snapshot object, keeping its text (with fields that are not known). kCorrupt when
/// malformed. In `format_version` 1 the sequence number is 0 and is added to the text.
base::Result<SnapshotPtr> parse_snapshot(std::string_view json, int format_version,
                                         std::string_view what);

enum class RefType : std::uint8_t { kBranch, kTag };

/// A named branch or tag, with its own retention (spec, "Snapshot References").
struct SnapshotRef {
  std::int64_t snapshot_id = 0;
  RefType type = RefType::kBranch;
  std::optional<std::int64_t> min_snapshots_to_keep;  // branches only
  std::optional<std::int64_t> max_snapshot_age_ms;    // branches only
  std::optional<std::int64_t> max_ref_age_ms;

  friend bool operator==(const SnapshotRef&, const SnapshotRef&) = default;
};

nlohmann::json to_json(const SnapshotRef& ref);
base::Result<SnapshotRef> snapshot_ref_from_json(const nlohmann::json& json, std::string_view what);

}  // namespace sluice::lake
