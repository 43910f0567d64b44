#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/lake/avro/container.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto header = sluice::lake::avro::read_header(bytes, "input");
  if (header.ok()) {
    const auto status = sluice::lake::avro::read_values(
        bytes, *header, "input",
        [](const sluice::lake::avro::Datum&) { return sluice::base::Status(); });
    (void)status.ok();
  }
  return 0;
}
