#pragma once

#include <vector>

#include "sluice/app/completion.h"

namespace CLI {  // NOLINT(readability-identifier-naming): of the library CLI11
class App;
}

namespace sluice::app {

/// Describes every command of the program, itself first.
std::vector<CommandShape> shapes_of(const CLI::App& app);

}  // namespace sluice::app
