#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/data/type.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& type : {sluice::data::parse_type(text), sluice::data::type_from_duckdb(text)}) {
    if (!type.ok()) {
      continue;
    }
    SLUICE_CHECK(sluice::data::is_well_formed(*type), "a type that was read holds together");
    const auto again = sluice::data::parse_type(sluice::data::to_text(*type));
    SLUICE_CHECK(again.ok() && *again == *type, "a type is read back from its text");
  }
  return 0;
}
