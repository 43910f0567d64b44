#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/decode/internal/block.h"
#include "sluice/decode/internal/record_bounds.h"
#include "sluice/decode/internal/text_stream.h"

namespace sluice::decode {

/// Divides a file's text into blocks of whole records, in memory bounded by kRecordBytesMax.
/// Whatever the bytes, they all lie in a record, in a damaged one, or between records.
class BlockReader {
 public:
  BlockReader(TextStream text, std::unique_ptr<RecordBounds> bounds)
      : stream_(std::move(text.bytes)), bounds_(std::move(bounds)), offset_(text.offset) {}

  /// Leaves out lines at the start of the file.
  base::Status skip_lines(std::int64_t lines);

  /// Reads the next block, of at most `records_max` records; false at the end. The memory of the
  /// block that was there is used again. Errors are those of reading.
  base::Result<bool> next(Block& block, std::size_t records_max);

 private:
  base::Status read_on();
  void take_region(Block& block);
  void end_block(Block& block);
  void drop_region();
  void take_dropped(Block& block);
  void take_rest(Block& block);
  std::string_view region() const { return buffer_.view().substr(region_); }

  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<RecordBounds> bounds_;
  bool ended_ = false;  // the stream
  bool finished_ = false;

  TextBuffer buffer_;        // from the start of the block
  TextBuffer spare_;         // memory for the block after it
  std::size_t region_ = 0;   // start of the region that is looked at, in buffer_
  std::size_t at_ = 0;       // next byte to look at, in the region
  std::int64_t offset_ = 0;  // of buffer_[0] in the file
  std::int64_t line_ = 1;    // at buffer_[region_]

  // A region that became too long: its bytes are counted, its first ones kept.
  bool dropping_ = false;
  std::int64_t dropped_ = 0;  // bytes from the record's begin
  std::int64_t dropped_offset_ = 0;
  std::string front_;
};

}  // namespace sluice::decode
