#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sluice/plan/plan.h"

// A plan's file may hold anything: it is refused, or is a plan that is read again as it was
// written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto plan = sluice::plan::parse_plan({reinterpret_cast<const char*>(data), size});
  if (plan) {
    const std::string written = sluice::plan::to_json(*plan);
    const auto again = sluice::plan::parse_plan(written);
    if (!again || sluice::plan::to_json(*again) != written) {
      std::abort();
    }
  }
  return 0;
}
