#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sluice/data/csv_table.h"

// A seed may hold anything: it is refused, or is a table whose records fit its header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = sluice::data::parse_csv_table({reinterpret_cast<const char*>(data), size});
  if (table) {
    for (const auto& record : table->records) {
      if (record.size() != table->names.size()) {
        std::abort();
      }
    }
    for (std::size_t i = 0; i < table->names.size(); ++i) {
      (void)sluice::data::narrowest_type(*table, i);
    }
  }
  return 0;
}
