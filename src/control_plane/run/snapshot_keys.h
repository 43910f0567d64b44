#pragma once

namespace sluice::run {

/// Keys of a bronze snapshot's summary that are read again: the landing sequence number before the
/// batch's first file, the digest of how the batch was decoded, and the records that a replay took
/// out of quarantine.
inline constexpr const char* kFromKey = "sluice.from";
inline constexpr const char* kDecodeDigestKey = "sluice.decode-digest";
inline constexpr const char* kReplayedKey = "sluice.replayed";

}  // namespace sluice::run
