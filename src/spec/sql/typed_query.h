#pragma once

#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::sql {

/// Makes a SELECT of what a person types at a prompt: DESCRIBE, DESC and SUMMARIZE of a table or a
/// query become one, everything else that may be a query stays as it is. kUnsupported for a
/// statement that changes something or shows what other commands show; it says which.
base::Result<std::string> typed_query(std::string_view typed);

}  // namespace sluice::sql
