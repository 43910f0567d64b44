#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::base {

/// Computes SHA-256 (FIPS 180-4) over bytes given in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// Returns the digest in lower-case hex, 64 characters. Call once.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view bytes);

/// Returns the 64-bit XXH3 of `bytes`: quick, not secure; for cache keys and checksums of our own.
std::uint64_t xxh3(std::string_view bytes);

/// Returns lower-case hex of arbitrary bytes.
std::string to_hex(std::string_view bytes);

}  // namespace sluice::base
