#pragma once

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/job/stage_job.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/partition_spec.h"

namespace sluice::engine {

/// Describes a staged file as a manifest does: statistics by field id, text bounds re-encoded to
/// the spec's binary form and cut, partition values typed by the spec. Bounds are left out for
/// binary and fixed columns and wherever none is safe (NaN). kInternal when the worker reports a
/// column that the schema lacks or text that is no value of its type.
base::Result<lake::DataFile> to_data_file(const job::StagedFile& staged, const data::Schema& schema,
                                          const lake::PartitionSpec& spec);

}  // namespace sluice::engine
