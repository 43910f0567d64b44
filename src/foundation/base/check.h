#pragma once

namespace sluice::base {

/// Prints the broken invariant with its place and aborts. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               const char* detail);

}  // namespace sluice::base

/// Aborts when one of our own invariants is broken. Always on; never for bad input.
#define SLUICE_CHECK(condition, detail)                                       \
  do {                                                                        \
    if (!(condition)) [[unlikely]] {                                          \
      ::sluice::base::check_failed(#condition, __FILE__, __LINE__, (detail)); \
    }                                                                         \
  } while (false)
