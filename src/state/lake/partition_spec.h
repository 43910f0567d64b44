#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/lake/transform.h"

namespace sluice::lake {

/// The first id that partition fields may have (Iceberg spec, "Partition Field IDs").
inline constexpr int kFirstPartitionFieldId = 1000;

struct PartitionField {
  int source_id = 0;  // the column's field id
  int field_id = 0;   // from kFirstPartitionFieldId, unique over all specs of a table
  Transform transform;
  std::string name;

  friend bool operator==(const PartitionField&, const PartitionField&) = default;
};

/// How rows are grouped into files; without fields the table is unpartitioned.
struct PartitionSpec {
  int spec_id = 0;
  std::vector<PartitionField> fields;

  friend bool operator==(const PartitionSpec&, const PartitionSpec&) = default;
};

nlohmann::json to_json(const PartitionSpec& spec);

/// Reads a spec object of a metadata file; kCorrupt when malformed, kUnsupported for a field over
/// several columns or an unknown transform. `what` names the document.
base::Result<PartitionSpec> partition_spec_from_json(const nlohmann::json& json,
                                                     std::string_view what);

/// The spec's field list, as manifests and v1 metadata hold it. Fields without a field-id (early
/// v1) are numbered from kFirstPartitionFieldId.
nlohmann::json to_json(const std::vector<PartitionField>& fields);
base::Result<std::vector<PartitionField>> partition_fields_from_json(const nlohmann::json& json,
                                                                     std::string_view what);

/// Returns the type of each partition value, in the spec's order. A void field whose column is gone
/// is of type string (always null); kInvalidInput for any other missing column.
base::Result<std::vector<data::Type>> partition_types(const PartitionSpec& spec,
                                                      const data::Schema& schema);

/// Builds a spec from what a user wrote: field ids follow `last_field_id` (999 for the first).
/// kInvalidInput, naming the column and the nearest one, when a transform does not apply.
base::Result<PartitionSpec> make_partition_spec(int spec_id,
                                                const std::vector<ColumnTransform>& transforms,
                                                const data::Schema& schema, int last_field_id);

/// Works out the spec that a table has from now on, for fields as make_partition_spec() gives them:
/// the one of `specs` that groups by the same columns and transforms, else a new one. A field that
/// any spec has, by column and transform, keeps its id and name; others get ids above
/// `last_field_id` (Iceberg spec, "Partition Evolution").
PartitionSpec evolve_partition_spec(const std::vector<PartitionSpec>& specs,
                                    const std::vector<PartitionField>& wanted, int last_field_id);

/// Says how a partition's folder is named: `ts_day=2013-01-01/id_bucket=3`; "" when unpartitioned.
/// Values are URL-encoded; null is `null`.
std::string partition_path(const PartitionSpec& spec, const std::vector<data::Type>& types,
                           const std::vector<data::Value>& values);

}  // namespace sluice::lake
