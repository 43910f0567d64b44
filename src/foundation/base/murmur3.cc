#include "sluice/base/murmur3.h"

#include <bit>
#include <cstddef>

namespace sluice::base {

namespace {

std::uint32_t scramble(std::uint32_t block) {
  return std::rotl(block * 0xcc9e2d51U, 15) * 0x1b873593U;
}

std::uint32_t load(std::string_view bytes) {
  std::uint32_t block = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    block = block << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return block;
}

}  // namespace

std::int32_t murmur3_x86_32(std::string_view bytes) {
  std::uint32_t hash = 0;
  const std::size_t whole = bytes.size() / 4 * 4;
  for (std::size_t i = 0; i < whole; i += 4) {
    hash = std::rotl(hash ^ scramble(load(bytes.substr(i, 4))), 13) * 5 + 0xe6546b64U;
  }
  if (whole < bytes.size()) {
    hash ^= scramble(load(bytes.substr(whole)));
  }
  hash ^= static_cast<std::uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6bU;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
  return static_cast<std::int32_t>(hash ^ hash >> 16);
}

}  // namespace sluice::base
