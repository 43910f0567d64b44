#pragma once

#include <string_view>
#include <vector>

#include "sluice/sql/query.h"

namespace sluice::sql {

/// Returns what a statement without a tree may not do, found from its words alone (text in quotes
/// and comments aside): clock, random and environment functions. Strict: a column of such a name
/// counts too.
std::vector<Problem> opaque_problems(std::string_view sql);

}  // namespace sluice::sql
