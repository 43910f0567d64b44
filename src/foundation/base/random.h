#pragma once

#include <cstdint>
#include <mutex>
#include <random>

namespace sluice::base {

/// A seeded source of random numbers, injected so that a run can be replayed. Thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// Seeds from the operating system.
  static std::uint64_t system_seed();

  std::uint64_t next_u64();
  /// Returns a number in [0, bound); bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
  /// Returns a number in [0, 1).
  double unit();

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace sluice::base
