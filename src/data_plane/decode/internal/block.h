#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/decode/internal/text_buffer.h"

namespace sluice::decode {

/// Bytes of a record that is still read; a longer one is skipped and reported.
inline constexpr std::int64_t kRecordBytesMax = std::int64_t{16} << 20;
/// Bytes of a refused record that its quarantine row repeats, and of one that was too long.
inline constexpr std::int64_t kPayloadBytesMax = std::int64_t{64} << 10;
inline constexpr std::int64_t kLongPayloadBytes = std::int64_t{4} << 10;

/// Zero bytes that follow a block's text, for parsers that look ahead.
inline constexpr std::size_t kBlockPadding = 64;

/// A record that was found without being read.
struct RecordSpan {
  std::uint32_t begin;  // in the block's text
  std::uint32_t size;
  std::int64_t line;
};

/// A place in a file of which no record can be made.
struct DamagedRecord {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t line = 0;
  std::string why;
  std::string front;  // its first bytes
};

/// Whole records that follow each other in a file.
struct Block {
  std::int64_t offset = 0;  // of the first byte in the file's text
  std::int64_t line = 1;    // of the first byte, from 1
  TextBuffer buffer;        // the text, then kBlockPadding zero bytes
  std::vector<RecordSpan> records;
  std::vector<DamagedRecord> damaged;  // behind the records; one at most

  std::string_view text() const {
    return buffer.view().substr(0,
                                buffer.size() < kBlockPadding ? 0 : buffer.size() - kBlockPadding);
  }
};

}  // namespace sluice::decode
