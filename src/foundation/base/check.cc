#include "sluice/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sluice::base {

void check_failed(const char* condition, const char* file, int line, const char* detail) {
  std::fprintf(stderr, "sluice: invariant broken at %s:%d: %s (%s)\n", file, line, condition,
               detail);
  std::abort();
}

}  // namespace sluice::base
