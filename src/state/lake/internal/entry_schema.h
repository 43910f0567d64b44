#pragma once

#include <vector>

#include "sluice/data/type.h"
#include "sluice/lake/avro/schema.h"
#include "sluice/lake/partition_spec.h"

namespace sluice::lake {

/// Returns the Avro schema of a v2 manifest's entries (Iceberg spec v2, "Manifests"); `types` are
/// those of the spec's partition values.
avro::SchemaPtr entry_schema(const PartitionSpec& spec, const std::vector<data::Type>& types);

}  // namespace sluice::lake
