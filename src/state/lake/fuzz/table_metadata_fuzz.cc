#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/lake/table_metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto table = sluice::lake::parse_table_metadata(text, "input");
  if (table.ok()) {
    const auto again = sluice::lake::parse_table_metadata(serialize(*table), "again");
    SLUICE_CHECK(again.ok(), "what was read can be written and read again");
  }
  return 0;
}
