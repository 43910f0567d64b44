#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::base {

/// Computes the x86 variant of 32-bit MurmurHash3 with seed 0, as bucket partitioning needs it
/// (Iceberg spec, "Appendix B: 32-bit Hash Requirements").
std::int32_t murmur3_x86_32(std::string_view bytes);

}  // namespace sluice::base
