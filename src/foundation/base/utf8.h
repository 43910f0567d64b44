#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::base {

/// Returns the length of the UTF-8 character (RFC 3629) that begins at `at`; 0 when none does.
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Returns the offset of the first byte that is not UTF-8, or is NUL: where text that engines take
/// ends. npos when there is none.
std::size_t find_malformed_text(std::string_view text);

}  // namespace sluice::base
