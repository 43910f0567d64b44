#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/project/project.h"

namespace sluice::project {

/// The sources that a user means by `wanted`, by index: the one whose table (`bronze.orders`),
/// quarantine table
/// (`quarantine.orders`) or name without a namespace (`orders`) it is; all where it is empty.
/// kNotFound names the nearest one.
base::Result<std::vector<std::size_t>> choose_sources(const Project& project,
                                                      const std::string& wanted);

}  // namespace sluice::project
