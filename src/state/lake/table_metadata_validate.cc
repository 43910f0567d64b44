#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "sluice/lake/table_metadata.h"

namespace sluice::lake {

namespace {

using base::Status;

template <class... Args>
base::Error wrong(std::string_view what, fmt::format_string<Args...> text, Args&&... args) {
  return base::corrupt(fmt::format("{}: {}", what, fmt::format(text, std::forward<Args>(args)...)));
}

Status check_schemas(const TableMetadata& metadata, std::string_view what) {
  std::set<int> schema_ids;
  for (const data::Schema& schema : metadata.schemas) {
    if (!schema_ids.insert(schema.schema_id).second) {
      return wrong(what, "two schemas have id {}", schema.schema_id);
    }
    std::set<int> ids;
    Status status;
    data::walk_fields(schema.fields, [&](data::FieldPath path) {
      const int id = path.back()->id;
      if (!ids.insert(id).second) {
        status = wrong(what, "schema {}: two columns have field id {}", schema.schema_id, id);
      } else if (id > metadata.last_column_id) {
        status = wrong(what, "schema {}: column '{}' has id {}, above last-column-id {}",
                       schema.schema_id, data::path_text(path), id, metadata.last_column_id);
      }
    });
    SLUICE_RETURN_IF_ERROR(status);
  }
  if (!schema_ids.contains(metadata.current_schema_id)) {
    return wrong(what, "current-schema-id {} is not among the schemas", metadata.current_schema_id);
  }
  return {};
}

Status check_specs(const TableMetadata& metadata, std::string_view what) {
  std::set<int> spec_ids;
  for (const PartitionSpec& spec : metadata.partition_specs) {
    if (!spec_ids.insert(spec.spec_id).second) {
      return wrong(what, "two partition specs have id {}", spec.spec_id);
    }
    std::set<int> field_ids;
    for (const PartitionField& field : spec.fields) {
      if (!field_ids.insert(field.field_id).second) {
        return wrong(what, "spec {}: two partition fields have id {}", spec.spec_id,
                     field.field_id);
      }
      if (field.field_id > metadata.last_partition_id) {
        return wrong(what, "spec {}: partition field '{}' has id {}, above last-partition-id {}",
                     spec.spec_id, field.name, field.field_id, metadata.last_partition_id);
      }
    }
  }
  const PartitionSpec* current = metadata.partition_spec(metadata.default_spec_id);
  if (current == nullptr) {
    return wrong(what, "default-spec-id {} is not among the partition specs",
                 metadata.default_spec_id);
  }
  if (auto types = partition_types(*current, metadata.current_schema()); !types) {
    if (types.error().kind == base::ErrorKind::kUnsupported) {
      return types.error().in(what);
    }
    return wrong(what, "the default partition spec does not fit the current schema: {}",
                 types.error().message);
  }
  return {};
}

Status check_sort_orders(const TableMetadata& metadata, std::string_view what) {
  std::set<int> order_ids;
  for (const SortOrder& order : metadata.sort_orders) {
    if (!order_ids.insert(order.order_id).second) {
      return wrong(what, "two sort orders have id {}", order.order_id);
    }
  }
  // Order 0, "unsorted", need not be listed.
  if (metadata.default_sort_order_id != 0 && !order_ids.contains(metadata.default_sort_order_id)) {
    return wrong(what, "default-sort-order-id {} is not among the sort orders",
                 metadata.default_sort_order_id);
  }
  return {};
}

Status check_snapshots(const TableMetadata& metadata, std::string_view what) {
  std::map<std::int64_t, const Snapshot*> by_id;
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    if (!by_id.emplace(snapshot->id, snapshot.get()).second) {
      return wrong(what, "two snapshots have id {}", snapshot->id);
    }
    if (snapshot->sequence_number < 0 ||
        snapshot->sequence_number > metadata.last_sequence_number) {
      return wrong(what, "snapshot {} has sequence number {}, above last-sequence-number {}",
                   snapshot->id, snapshot->sequence_number, metadata.last_sequence_number);
    }
    if (snapshot->schema_id && metadata.schema(*snapshot->schema_id) == nullptr) {
      return wrong(what, "snapshot {} is of schema {}, which is not among the schemas",
                   snapshot->id, *snapshot->schema_id);
    }
  }
  for (const auto& [id, snapshot] : by_id) {
    const auto parent = snapshot->parent_id ? by_id.find(*snapshot->parent_id) : by_id.end();
    if (parent == by_id.end()) {
      continue;  // none, or expired
    }
    // Snapshots of v1 all have 0.
    const std::int64_t before = parent->second->sequence_number;
    if (snapshot->sequence_number < before ||
        (snapshot->sequence_number == before && before != 0)) {
      return wrong(what, "snapshot {} has sequence number {}, not above its parent's {}", id,
                   snapshot->sequence_number, before);
    }
  }
  return {};
}

Status check_refs(const TableMetadata& metadata, std::string_view what) {
  if (metadata.current_snapshot_id && metadata.current_snapshot() == nullptr) {
    return wrong(what, "current-snapshot-id {} is not among the snapshots",
                 *metadata.current_snapshot_id);
  }
  for (const auto& [name, ref] : metadata.refs) {
    if (metadata.snapshot(ref.snapshot_id) == nullptr) {
      return wrong(what, "ref '{}' is of snapshot {}, which is not among the snapshots", name,
                   ref.snapshot_id);
    }
  }
  const auto main = metadata.refs.find(std::string(kMainBranch));
  const bool has_main = main != metadata.refs.end();
  if (has_main && main->second.type != RefType::kBranch) {
    return wrong(what, "ref 'main' is a tag");
  }
  if (has_main ? metadata.current_snapshot_id != main->second.snapshot_id
               : metadata.current_snapshot_id.has_value()) {
    return wrong(what, "ref 'main' is not the current snapshot");
  }
  return {};
}

}  // namespace

Status validate(const TableMetadata& metadata, std::string_view what) {
  if (metadata.last_sequence_number < 0) {
    return wrong(what, "last-sequence-number is {}", metadata.last_sequence_number);
  }
  SLUICE_RETURN_IF_ERROR(check_schemas(metadata, what));
  SLUICE_RETURN_IF_ERROR(check_specs(metadata, what));
  SLUICE_RETURN_IF_ERROR(check_sort_orders(metadata, what));
  SLUICE_RETURN_IF_ERROR(check_snapshots(metadata, what));
  return check_refs(metadata, what);
}

Status check_writable(const TableMetadata& metadata) {
  if (metadata.format_version != 2) {
    return base::unsupported(
        fmt::format("the table at {} has format version {}; only version 2 is written",
                    metadata.location, metadata.format_version));
  }
  return {};
}

}  // namespace sluice::lake
