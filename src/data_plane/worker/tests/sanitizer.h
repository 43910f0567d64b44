#pragma once

namespace sluice::worker {

/// Whether this program is instrumented: it then uses more memory than it asks for, and reports a
/// fatal signal in its own way before it exits.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace sluice::worker

/// Leaves a test out where what it measures is the sanitizer's doing.
#define SLUICE_SKIP_UNDER_ADDRESS_SANITIZER()                                  \
  do {                                                                         \
    if (::sluice::worker::kAddressSanitizer) {                                 \
      GTEST_SKIP() << "AddressSanitizer changes memory use and dying signals"; \
    }                                                                          \
  } while (false)
