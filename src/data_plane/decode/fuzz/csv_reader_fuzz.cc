#include <cstdint>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/block_reader.h"
#include "sluice/decode/internal/csv_reader.h"

// Any bytes, arriving in pieces of any size, are cut into blocks and read to the end: records
// follow each other without overlap, and every field lies in text that the reader owns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::decode;  // NOLINT
  if (size < 3) {
    return 0;
  }
  sluice::job::CsvDialect dialect;
  dialect.escape = (data[2] & 1) != 0 ? '\\' : '\0';
  dialect.comment = (data[2] & 2) != 0 ? '#' : '\0';
  const std::string_view whole(reinterpret_cast<const char*>(data) + 3, size - 3);
  BlockReader blocks({read_memory(whole, 1 + data[0])}, csv_bounds(dialect));
  CsvRecord record;
  Block block;
  std::int64_t end = 0;
  std::size_t bytes = 0;
  for (;;) {
    const auto more = blocks.next(block, 1 + data[1]);
    SLUICE_CHECK(more.ok(), "reading memory does not fail");
    if (!*more) {
      break;
    }
    CsvReader reader(block, dialect);
    while (reader.next(record)) {
      SLUICE_CHECK(record.offset >= end && record.bytes > 0, "records follow each other");
      end = record.offset + record.bytes;
      SLUICE_CHECK(end <= static_cast<std::int64_t>(whole.size()), "a record lies in the file");
      for (const auto& field : record.fields) {
        for (const char c : field.text) {
          bytes += static_cast<unsigned char>(c);
        }
      }
    }
  }
  return bytes == SIZE_MAX ? 1 : 0;
}
