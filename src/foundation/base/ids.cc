#include "sluice/base/ids.h"

#include <fmt/format.h>

namespace sluice::base {

std::string make_uuid7(const Clock& clock, Random& random) {
  const auto ms = static_cast<std::uint64_t>(clock.now().us / 1000) & 0xFFFF'FFFF'FFFFull;
  const std::uint64_t high = random.next_u64();
  const std::uint64_t low = random.next_u64();
  return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", ms >> 16, ms & 0xFFFF, high & 0xFFF,
                     0x8000 | (high >> 12 & 0x3FFF), low & 0xFFFF'FFFF'FFFFull);
}

}  // namespace sluice::base
