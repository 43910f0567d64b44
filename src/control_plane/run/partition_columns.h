#pragma once

#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/job/stage_job.h"
#include "sluice/lake/partition_spec.h"

namespace sluice::run {

/// Returns, for each field of `spec`, the DuckDB SQL that computes its partition value from the
/// output's columns, by the definitions of the Iceberg spec ("Partition Transforms": times count
/// from the epoch in UTC, truncation rounds down). Buckets are
/// computed by duck::bucket_functions(), which every worker has.
base::Result<std::vector<job::PartitionColumn>> partition_columns(const lake::PartitionSpec& spec,
                                                                  const data::Schema& schema);

}  // namespace sluice::run
