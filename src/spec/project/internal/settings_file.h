#pragma once

#include <string>

#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Reads sluice.yaml into the project. Variables in targets are expanded for `target` alone (the
/// default one when ""), so that production's need not be set to work on a laptop.
void read_settings(const yaml::Node& root, const std::string& target, Project& project,
                   yaml::Reader& reader, yaml::Reader& unexpanded);

}  // namespace sluice::project::internal
