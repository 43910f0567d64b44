#include "sluice/data/decimal_bytes.h"

#include <cstddef>

namespace sluice::data {

std::string decimal_bytes(Int128 unscaled) {
  std::string bytes;
  for (int shift = 120; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(unscaled >> shift & 0xFF));
  }
  std::size_t begin = 0;
  const char padding = unscaled < 0 ? '\xFF' : '\0';
  while (begin + 1 < bytes.size() && bytes[begin] == padding &&
         ((bytes[begin + 1] & 0x80) != 0) == (unscaled < 0)) {
    ++begin;
  }
  return bytes.substr(begin);
}

}  // namespace sluice::data
