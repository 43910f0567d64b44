#pragma once

#include <vector>

#include "sluice/app/completion.h"

namespace CLI {
class App;
}

namespace sluice::app {

/// Describes every command of the program, itself first.
std::vector<CommandShape> shapes_of(const CLI::App& app);

}  // namespace sluice::app
