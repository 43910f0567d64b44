#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::yaml::internal {

/// Returns the offset of the first byte that is not UTF-8 or is a control character that YAML does
/// not allow (YAML 1.2, c-printable); npos when there is none.
std::size_t find_unprintable(std::string_view text);

}  // namespace sluice::yaml::internal
