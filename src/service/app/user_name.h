#pragma once

#include <string>

namespace sluice::app {

/// Returns the name of the user that runs this process, or its number.
std::string user_name();

}  // namespace sluice::app
