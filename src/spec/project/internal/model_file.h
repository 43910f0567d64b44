#pragma once

#include <string>

#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Reads one file of models/: its name, its header if it has one, and where its SQL stands.
Model read_model(std::string file, std::string text, const yaml::EnvLookup& env,
                 yaml::Diagnostics& diagnostics);

}  // namespace sluice::project::internal
