#pragma once

#include "sluice/base/result.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"

namespace sluice::run {

/// Says whether every table can be partitioned as its file asks: transforms that there are, that
/// are built and that take the column's type. kInvalidInput with all that cannot, by file and line.
base::Status check_partitions(const project::Project& project, const project::Analysis& analysis);

}  // namespace sluice::run
