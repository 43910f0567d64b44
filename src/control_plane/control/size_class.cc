#include "sluice/control/internal/size_class.h"

#include <array>

namespace sluice::control {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;

struct SizeClass {
  std::int64_t below_bytes;
  const char* name;
};

constexpr std::array kClasses = {
    SizeClass{kMiB, "under 1 MiB"},      SizeClass{8 * kMiB, "1 to 8 MiB"},
    SizeClass{64 * kMiB, "8 to 64 MiB"}, SizeClass{512 * kMiB, "64 to 512 MiB"},
    SizeClass{4 * kGiB, "0.5 to 4 GiB"}, SizeClass{32 * kGiB, "4 to 32 GiB"},
};

}  // namespace

std::string size_class(std::int64_t bytes) {
  for (const SizeClass& size : kClasses) {
    if (bytes < size.below_bytes) {
      return size.name;
    }
  }
  return "over 32 GiB";
}

}  // namespace sluice::control
