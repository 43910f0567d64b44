#include "sluice/base/random.h"

namespace sluice::base {

std::uint64_t Random::system_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

std::uint64_t Random::next_u64() {
  const std::lock_guard lock(mutex_);
  return engine_();
}

std::uint64_t Random::below(std::uint64_t bound) {
  const std::lock_guard lock(mutex_);
  return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
}

double Random::unit() {
  const std::lock_guard lock(mutex_);
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine_);
}

}  // namespace sluice::base
