#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::lake {

/// Returns the longest prefix of UTF-8 text with at most `count` code points. Bytes that are not
/// UTF-8 count as one each.
std::string_view code_point_prefix(std::string_view text, std::size_t count);

/// Returns the smallest text of the same or fewer code points that is above every text beginning
/// with `prefix`; "" when there is none or `prefix` is not UTF-8.
std::string successor_of_prefix(std::string_view prefix);

}  // namespace sluice::lake
