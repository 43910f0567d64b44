#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::decode {

/// Says whether the bytes are UTF-8 (RFC 3629) without a NUL: what a text column may hold.
bool is_text(std::string_view bytes);

/// Writes bytes as text: what is no UTF-8, and NUL, becomes `\xHH`. Stops before the text would get
/// longer than `bytes_max`, never inside a character.
std::string escape_text(std::string_view bytes, std::size_t bytes_max);

}  // namespace sluice::decode
