#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sluice/lake/holds.h"

/// Whatever is read as a hold is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto hold = sluice::lake::parse_hold(text);
  if (hold.ok()) {
    const auto again = sluice::lake::parse_hold(sluice::lake::to_json(*hold));
    if (!again.ok() || again->everything != hold->everything ||
        again->tables.size() != hold->tables.size()) {
      std::abort();
    }
  }
  return 0;
}
