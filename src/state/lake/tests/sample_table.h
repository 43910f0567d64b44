#pragma once

#include <string>
#include <vector>

#include "sluice/data/schema.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::lake {

/// A schema with a column of every type.
data::Schema sample_schema();

/// A spec with a field of every transform, and one of every type that identity can keep.
PartitionSpec sample_spec(const data::Schema& schema);

/// A data file in the partition that every `seed` gives another of; `seed` 0 is in the null
/// partition.
DataFile sample_file(int seed, const PartitionSpec& spec, const data::Schema& schema);

/// A table at `location` with one column of every type and no snapshot.
TableMetadata sample_table(const std::string& location);

/// Appends a snapshot to the main branch.
void append_snapshot(TableMetadata& table, std::int64_t id, const std::string& manifest_list);

}  // namespace sluice::lake
