#pragma once

#include <string>

#include "sluice/data/value.h"

namespace sluice::data {

/// Writes an unscaled decimal as two's complement, big-endian, in the fewest bytes (Iceberg spec,
/// "Appendix D: Single-value serialization" and "Appendix B: 32-bit Hash Requirements").
std::string decimal_bytes(Int128 unscaled);

}  // namespace sluice::data
