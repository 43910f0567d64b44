#pragma once

#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/sql/frontend.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::project::internal {

/// Has the engine compile every regular expression of the project's contracts; what it refuses is a
/// diagnostic at the pattern's place.
base::Status check_patterns(const Project& project, sql::Frontend& frontend,
                            yaml::Diagnostics& diagnostics);

}  // namespace sluice::project::internal
