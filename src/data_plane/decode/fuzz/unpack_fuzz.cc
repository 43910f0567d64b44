#include <array>
#include <cstdint>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/unpack.h"

// Any bytes as a gzip or zstd stream, in pieces of any size: reading ends, within the limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::decode;  // NOLINT
  if (size < 2) {
    return 0;
  }
  constexpr std::int64_t kMax = 1 << 20;
  auto packed = read_memory({reinterpret_cast<const char*>(data) + 2, size - 2}, 1 + data[0]);
  const auto stream = (data[1] & 1) != 0 ? unpack_gzip(std::move(packed), kMax)
                                         : unpack_zstd(std::move(packed), kMax);
  std::array<char, 4096> buffer{};
  std::int64_t bytes = 0;
  for (;;) {
    const auto more = stream->read(buffer.data(), buffer.size());
    SLUICE_CHECK(more.ok(), "reading memory does not fail");
    bytes += static_cast<std::int64_t>(*more);
    SLUICE_CHECK(bytes <= kMax, "the limit holds");
    if (*more == 0) {
      return 0;
    }
  }
}
