#pragma once

#include <string>
#include <string_view>

namespace sluice::base {

/// Returns HMAC-SHA-256 (RFC 2104) of `bytes` in lower-case hex.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace sluice::base
