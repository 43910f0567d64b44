#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/job/codec.h"
#include "sluice/job/progress.h"

// The first byte says what the rest is taken for. What decodes must encode to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto expect_same = [&](const auto& decoded) {
    if (decoded.ok()) {
      SLUICE_CHECK(sluice::job::encode(*decoded) == bytes, "decoded, but encodes differently");
    }
  };
  switch (data[0] % 4) {
    case 0:
      expect_same(sluice::job::decode_request(bytes));
      break;
    case 1:
      expect_same(sluice::job::decode_response(bytes));
      break;
    case 2:
      expect_same(sluice::job::decode_progress(bytes));
      break;
    default:
      expect_same(sluice::job::decode_batch(bytes));
      break;
  }
  return 0;
}
