#pragma once

namespace sluice::run {

/// Keys of a bronze snapshot's summary that are read again: the landing sequence number before the
/// batch's first file, and the digest of how the batch was decoded.
inline constexpr const char* kFromKey = "sluice.from";
inline constexpr const char* kDecodeDigestKey = "sluice.decode-digest";

}  // namespace sluice::run
