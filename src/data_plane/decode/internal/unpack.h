#pragma once

#include <cstdint>
#include <memory>

#include "sluice/decode/internal/byte_stream.h"

namespace sluice::decode {

/// A compressed file may unpack to this many times its size, or to kUnpackedBytesFree where that is
/// more; beyond, it counts as damaged.
inline constexpr std::int64_t kUnpackedRatioMax = 200;
inline constexpr std::int64_t kUnpackedBytesFree = std::int64_t{256} << 20;

std::int64_t unpacked_bytes_max(std::int64_t packed_bytes);

/// Unpacks gzip (RFC 1952): any number of members one after another, zero bytes behind the last.
std::unique_ptr<ByteStream> unpack_gzip(std::unique_ptr<ByteStream> packed, std::int64_t bytes_max);

/// Unpacks Zstandard (RFC 8878): any number of frames, skippable ones too, of a window of at most
/// 128 MiB.
std::unique_ptr<ByteStream> unpack_zstd(std::unique_ptr<ByteStream> packed, std::int64_t bytes_max);

}  // namespace sluice::decode
