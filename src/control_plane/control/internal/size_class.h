#pragma once

#include <cstdint>
#include <string>

namespace sluice::control {

/// Names the class of a size in steps of eight: `under 1 MiB`, `1 to 8 MiB`, ..., `over 32 GiB`.
/// Levers build their buckets from it, so that a decision stays valid while its input varies.
std::string size_class(std::int64_t bytes);

}  // namespace sluice::control
