#include <cstdint>
#include <cstring>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/csv_reader.h"

// Any bytes, arriving in pieces of any size, are read to the end: records follow each other without
// overlap, and every field lies in text that the reader owns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::decode::CsvReader;
  if (size == 0) {
    return 0;
  }
  const std::size_t piece = 1 + data[0];
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view whole = text;
  CsvReader reader(
      [&](char* to, std::size_t bytes_max) -> sluice::base::Result<std::size_t> {
        const std::size_t bytes = std::min({text.size(), piece, bytes_max});
        std::memcpy(to, text.data(), bytes);
        text.remove_prefix(bytes);
        return bytes;
      },
      ',', '"');
  sluice::decode::CsvRecord record;
  std::int64_t end = 0;
  std::size_t bytes = 0;
  for (;;) {
    const auto more = reader.next(record);
    SLUICE_CHECK(more.ok(), "reading memory does not fail");
    if (!*more) {
      break;
    }
    SLUICE_CHECK(record.offset >= end && record.bytes > 0, "records follow each other");
    end = record.offset + record.bytes;
    SLUICE_CHECK(end <= static_cast<std::int64_t>(whole.size()), "a record lies in the file");
    for (const auto& field : record.fields) {
      for (const char c : field.text) {
        bytes += static_cast<unsigned char>(c);
      }
    }
  }
  return bytes == SIZE_MAX ? 1 : 0;
}
