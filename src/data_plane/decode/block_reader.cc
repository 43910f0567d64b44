#include "sluice/decode/internal/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kBlockBytes = 1 << 20;  // of a block that is full
constexpr std::size_t kReadBytes = 512 << 10;

std::string front_of(std::string_view text) {
  return std::string(text.substr(0, static_cast<std::size_t>(kPayloadBytesMax)));
}

}  // namespace

Status BlockReader::read_on() {
  SLUICE_ASSIGN_OR_RETURN(const std::size_t more,
                          stream_->read(buffer_.room(kReadBytes), kReadBytes));
  buffer_.grow(more);
  ended_ = more == 0;
  return {};
}

Status BlockReader::skip_lines(std::int64_t lines) {
  while (lines > 0 && !ended_) {
    if (buffer_.empty()) {
      SLUICE_RETURN_IF_ERROR(read_on());
    }
    const std::size_t found = buffer_.view().find('\n');
    const std::size_t bytes = found == std::string_view::npos ? buffer_.size() : found + 1;
    buffer_.drop_front(bytes);
    offset_ += static_cast<std::int64_t>(bytes);
    if (found != std::string_view::npos) {
      --lines;
      ++line_;
    }
  }
  return {};
}

Result<bool> BlockReader::next(Block& block, std::size_t records_max) {
  spare_ = std::move(block.buffer);
  block = Block();
  block.offset = offset_;
  block.line = line_;
  std::size_t records = 0;
  while (!finished_) {
    while (!dropping_ && records < records_max && region_ < kBlockBytes &&
           bounds_->find(region(), at_)) {
      take_region(block);
      ++records;
    }
    if (records == records_max || region_ >= kBlockBytes) {
      break;
    }
    if (dropping_ && bounds_->find(region(), at_)) {
      take_dropped(block);
      return true;
    }
    if (dropping_ || static_cast<std::int64_t>(region().size()) > kRecordBytesMax) {
      if (records > 0) {
        break;
      }
      drop_region();
    }
    if (ended_) {
      take_rest(block);
      finished_ = true;
      break;
    }
    SLUICE_RETURN_IF_ERROR(read_on());
  }
  end_block(block);
  return !finished_ || records > 0 || !block.damaged.empty() || !block.text().empty();
}

/// The region that just ended becomes part of the block.
void BlockReader::take_region(Block& block) {
  if (bounds_->end() > bounds_->begin()) {
    block.records.push_back({static_cast<std::uint32_t>(region_ + bounds_->begin()),
                             static_cast<std::uint32_t>(bounds_->end() - bounds_->begin()), line_});
  }
  line_ += bounds_->breaks();
  region_ += at_;
  at_ = 0;
}

/// Gives the block its text, and keeps what lies behind it.
void BlockReader::end_block(Block& block) {
  spare_.cut(0);
  spare_.room(region().size() + kBlockBytes + kReadBytes + kBlockPadding);
  spare_.append(region());
  buffer_.cut(region_);
  offset_ += static_cast<std::int64_t>(region_);
  buffer_.append_zeros(kBlockPadding);
  block.buffer = std::exchange(buffer_, std::move(spare_));
  region_ = 0;
}

/// Forgets the bytes of a region that is too long; called when the block has nothing else.
void BlockReader::drop_region() {
  if (!dropping_) {
    dropping_ = true;
    const std::size_t begin = std::min(bounds_->begin(), at_);
    dropped_offset_ = offset_ + static_cast<std::int64_t>(begin);
    dropped_ = -static_cast<std::int64_t>(begin);
    front_ = front_of(region().substr(begin));
  }
  bounds_->drop(at_);
  dropped_ += static_cast<std::int64_t>(at_);
  offset_ += static_cast<std::int64_t>(at_);
  buffer_.drop_front(at_);
  at_ = 0;
}

void BlockReader::take_dropped(Block& block) {
  DamagedRecord& record = block.damaged.emplace_back();
  record.offset = dropped_offset_;
  record.bytes = dropped_ + static_cast<std::int64_t>(bounds_->end());
  record.line = line_;
  record.why = fmt::format("a record of {} bytes, the limit is {}", record.bytes, kRecordBytesMax);
  record.front = std::move(front_);
  line_ += bounds_->breaks();
  offset_ += static_cast<std::int64_t>(at_);
  buffer_.drop_front(at_);
  at_ = 0;
  dropping_ = false;
}

/// The file has ended: what is left is a record, damage, or nothing.
void BlockReader::take_rest(Block& block) {
  const std::string why = stream_->damage();
  const auto left = static_cast<std::int64_t>(region().size());
  const RecordBounds::Rest rest = bounds_->finish(region());
  if (why.empty() && rest == RecordBounds::Rest::kRecord && !dropping_) {
    at_ = region().size();
    take_region(block);
    return;
  }
  if (why.empty() && rest == RecordBounds::Rest::kNothing) {
    return;
  }
  DamagedRecord& record = block.damaged.emplace_back();
  const std::size_t begin = dropping_ ? 0 : std::min(bounds_->begin(), region().size());
  record.offset =
      dropping_ ? dropped_offset_ : offset_ + static_cast<std::int64_t>(region_ + begin);
  record.bytes = dropping_ ? dropped_ + left : left - static_cast<std::int64_t>(begin);
  record.line = line_;
  record.why =
      !why.empty() ? why
      : rest == RecordBounds::Rest::kDamage
          ? bounds_->why()
          : fmt::format("a record of {} bytes, the limit is {}", record.bytes, kRecordBytesMax);
  record.front = dropping_ ? std::move(front_) : front_of(region().substr(begin));
  buffer_.cut(region_);
}

}  // namespace sluice::decode
