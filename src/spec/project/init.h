#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::project {

/// Returns the files of a small project that runs as it is, by path relative to its folder.
/// kInvalidInput when `name` is no identifier (letters, digits, `_`, `-`).
base::Result<std::map<std::string, std::string>> init_template(std::string_view name);

}  // namespace sluice::project
