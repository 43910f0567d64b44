#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/lake/landing_journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  [[maybe_unused]] const auto parsed = sluice::lake::parse_journal_line(line, "journal:1");
  return 0;
}
