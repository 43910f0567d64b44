#include "sluice/lake/snapshot.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr std::array<std::pair<Operation, std::string_view>, 4> kOperations = {{
    {Operation::kAppend, "append"},
    {Operation::kReplace, "replace"},
    {Operation::kOverwrite, "overwrite"},
    {Operation::kDelete, "delete"},
}};

Status read_summary(const json& node, Snapshot& snapshot, std::string_view what) {
  const auto summary = node.find("summary");
  if (summary == node.end() || summary->is_null()) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(base::json_object(node, "summary", what));
  for (const auto& [key, value] : summary->items()) {
    if (!value.is_string()) {
      return base::corrupt(fmt::format("{}: summary field '{}' is not text", what, key));
    }
    if (key != "operation") {
      snapshot.summary[key] = value.get<std::string>();
      continue;
    }
    auto operation = parse_operation(value.get<std::string>());
    if (!operation) {
      return std::move(operation).error().in(what);
    }
    snapshot.operation = *operation;
  }
  return {};
}

Status read_manifests(const json& node, Snapshot& snapshot, std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const auto list, base::json_string_if(node, "manifest-list", what));
  if (list) {
    snapshot.manifest_list = *list;
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const json* manifests, base::json_array(node, "manifests", what));
  for (const json& manifest : *manifests) {
    if (!manifest.is_string()) {
      return base::corrupt(fmt::format("{}: a manifest's path is not text", what));
    }
    snapshot.manifests.push_back(manifest.get<std::string>());
  }
  return {};
}

}  // namespace

std::string_view to_text(Operation operation) {
  for (const auto& [candidate, text] : kOperations) {
    if (candidate == operation) {
      return text;
    }
  }
  return "";
}

Result<Operation> parse_operation(std::string_view text) {
  for (const auto& [operation, candidate] : kOperations) {
    if (candidate == text) {
      return operation;
    }
  }
  return base::unsupported(fmt::format("snapshot operation '{}' is not known", text));
}

std::string summary_text(const Snapshot& snapshot, const std::string& key) {
  const auto found = snapshot.summary.find(key);
  return found == snapshot.summary.end() ? "" : found->second;
}

std::int64_t summary_count(const Snapshot& snapshot, const std::string& key) {
  return std::strtoll(summary_text(snapshot, key).c_str(), nullptr, 10);
}

SnapshotPtr seal(Snapshot snapshot) {
  json node = {{"snapshot-id", snapshot.id},
               {"sequence-number", snapshot.sequence_number},
               {"timestamp-ms", snapshot.timestamp_ms}};
  if (snapshot.parent_id) {
    node["parent-snapshot-id"] = *snapshot.parent_id;
  }
  if (snapshot.manifest_list.empty() && !snapshot.manifests.empty()) {
    node["manifests"] = snapshot.manifests;
  } else {
    node["manifest-list"] = snapshot.manifest_list;
  }
  if (snapshot.schema_id) {
    node["schema-id"] = *snapshot.schema_id;
  }
  json summary = snapshot.summary;
  if (snapshot.operation) {
    summary["operation"] = to_text(*snapshot.operation);
  }
  if (!summary.empty()) {
    node["summary"] = std::move(summary);
  }
  snapshot.json = node.dump(-1, ' ', false, json::error_handler_t::replace);
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

Result<SnapshotPtr> parse_snapshot(std::string_view text, int format_version,
                                   std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const json node, base::parse_json(text, what));
  Snapshot snapshot;
  SLUICE_ASSIGN_OR_RETURN(snapshot.id, base::json_int(node, "snapshot-id", what));
  const std::string where = fmt::format("{}: snapshot {}", what, snapshot.id);
  SLUICE_ASSIGN_OR_RETURN(snapshot.parent_id, base::json_int_if(node, "parent-snapshot-id", where));
  SLUICE_ASSIGN_OR_RETURN(snapshot.timestamp_ms, base::json_int(node, "timestamp-ms", where));
  SLUICE_ASSIGN_OR_RETURN(const auto schema_id, base::json_int_if(node, "schema-id", where));
  if (schema_id) {
    snapshot.schema_id = static_cast<int>(*schema_id);
  }
  SLUICE_RETURN_IF_ERROR(read_summary(node, snapshot, where));
  SLUICE_RETURN_IF_ERROR(read_manifests(node, snapshot, where));
  snapshot.json = text;
  SLUICE_ASSIGN_OR_RETURN(const auto sequence, base::json_int_if(node, "sequence-number", where));
  if (sequence) {
    snapshot.sequence_number = *sequence;
  } else if (format_version > 1) {
    return base::corrupt(fmt::format("{}: field 'sequence-number' is missing", where));
  } else {
    snapshot.json.insert(snapshot.json.find('{') + 1, "\"sequence-number\":0,");
  }
  return SnapshotPtr(std::make_shared<const Snapshot>(std::move(snapshot)));
}

json to_json(const SnapshotRef& ref) {
  json node = {{"snapshot-id", ref.snapshot_id},
               {"type", ref.type == RefType::kBranch ? "branch" : "tag"}};
  const auto put = [&](const char* key, const std::optional<std::int64_t>& value) {
    if (value) {
      node[key] = *value;
    }
  };
  put("min-snapshots-to-keep", ref.min_snapshots_to_keep);
  put("max-snapshot-age-ms", ref.max_snapshot_age_ms);
  put("max-ref-age-ms", ref.max_ref_age_ms);
  return node;
}

Result<SnapshotRef> snapshot_ref_from_json(const json& node, std::string_view what) {
  SnapshotRef ref;
  SLUICE_ASSIGN_OR_RETURN(ref.snapshot_id, base::json_int(node, "snapshot-id", what));
  SLUICE_ASSIGN_OR_RETURN(const std::string type, base::json_string(node, "type", what));
  if (type != "branch" && type != "tag") {
    return base::corrupt(fmt::format("{}: 'type' is '{}'", what, type));
  }
  ref.type = type == "branch" ? RefType::kBranch : RefType::kTag;
  SLUICE_ASSIGN_OR_RETURN(ref.min_snapshots_to_keep,
                          base::json_int_if(node, "min-snapshots-to-keep", what));
  SLUICE_ASSIGN_OR_RETURN(ref.max_snapshot_age_ms,
                          base::json_int_if(node, "max-snapshot-age-ms", what));
  SLUICE_ASSIGN_OR_RETURN(ref.max_ref_age_ms, base::json_int_if(node, "max-ref-age-ms", what));
  return ref;
}

}  // namespace sluice::lake
