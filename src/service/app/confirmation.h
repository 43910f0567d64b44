#pragma once

#include <string_view>

#include "sluice/base/result.h"

namespace sluice::app {

/// Asks on the terminal. Without one nobody can have agreed: kInvalidInput with `advice`.
base::Result<bool> confirmed(std::string_view question, std::string_view advice);

}  // namespace sluice::app
