#include "sluice/decode/internal/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "sluice/decode/internal/utf8.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kBufferBytesFirst = 256 << 10;
constexpr std::size_t kBufferBytesMax = kRecordBytesMax + kBufferBytesFirst;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(ReadBytes read, char delimiter, char quote)
    : read_(std::move(read)),
      delimiter_(delimiter),
      quote_(quote),
      buffer_(kBufferBytesFirst, '\0') {
  ends_run_[static_cast<unsigned char>(delimiter)] = true;
  ends_run_['\n'] = true;
  ends_run_['\r'] = true;
}

Result<bool> CsvReader::next(CsvRecord& record) {
  if (!begun_) {
    SLUICE_RETURN_IF_ERROR(skip_mark());
    begun_ = true;
  }
  do {
    SLUICE_ASSIGN_OR_RETURN(const bool more, next_raw(record));
    if (!more) {
      return false;
    }
  } while (record.bytes == 0);
  return true;
}

Status CsvReader::skip_mark() {
  while (filled_ < kByteOrderMark.size() && !ended_) {
    SLUICE_RETURN_IF_ERROR(refill());
  }
  if (std::string_view(buffer_.data(), filled_).starts_with(kByteOrderMark)) {
    start_ = position_ = kByteOrderMark.size();
    offset_ = static_cast<std::int64_t>(kByteOrderMark.size());
  }
  return {};
}

Result<bool> CsvReader::next_raw(CsvRecord& record) {
  begin_record();
  while (!scan()) {
    if (within(filled_) > static_cast<std::size_t>(kRecordBytesMax)) {
      too_long_ = true;
    }
    if (too_long_) {
      give_up();
    }
    SLUICE_ASSIGN_OR_RETURN(const bool more, refill());
    if (!more) {
      if (dropped_ == 0 && position_ == start_) {
        return false;
      }
      end_at_file_end();
      break;
    }
  }
  finish(record);
  return true;
}

void CsvReader::begin_record() {
  state_ = State::kFieldStart;
  bounds_.clear();
  breaks_ = 0;
  dropped_ = 0;
  end_bytes_ = 0;
  too_long_ = false;
  damage_.clear();
  damaged_field_ = -1;
}

/// Makes room and reads on; false at the end of the file.
Result<bool> CsvReader::refill() {
  if (ended_) {
    return false;
  }
  if (start_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + start_, filled_ - start_);
    filled_ -= start_;
    position_ -= start_;
    start_ = 0;
  }
  if (filled_ == buffer_.size()) {
    buffer_.resize(std::min(buffer_.size() * 2, kBufferBytesMax));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::size_t bytes,
                          read_(buffer_.data() + filled_, buffer_.size() - filled_));
  filled_ += bytes;
  ended_ = bytes == 0;
  return !ended_;
}

/// Goes through what is in the buffer; true once the record's line break was taken.
bool CsvReader::scan() {
  while (position_ < filled_) {
    switch (state_) {
      case State::kFieldStart:
        begin_field();
        break;
      case State::kUnquoted:
        if (scan_unquoted()) {
          return true;
        }
        break;
      case State::kQuoted:
        scan_quoted();
        break;
      case State::kQuoteInQuoted:
        if (buffer_[position_] == quote_) {
          field_.doubled = true;
          state_ = State::kQuoted;
          ++position_;
        } else {
          field_.end = within(position_) - 1;
          state_ = State::kAfterQuoted;
        }
        break;
      case State::kAfterQuoted:
        if (leave_quoted()) {
          return true;
        }
        break;
      case State::kCarriage:
        if (leave_carriage()) {
          return true;
        }
        break;
    }
  }
  return false;
}

void CsvReader::begin_field() {
  const bool quoted = buffer_[position_] == quote_;
  position_ += quoted ? 1 : 0;
  field_ = {within(position_), 0, quoted, false};
  state_ = quoted ? State::kQuoted : State::kUnquoted;
}

bool CsvReader::scan_unquoted() {
  const char* bytes = buffer_.data();
  std::size_t at = position_;
  while (at < filled_ && !ends_run_[static_cast<unsigned char>(bytes[at])]) {
    ++at;
  }
  position_ = at;
  if (at == filled_) {
    return false;
  }
  const char c = bytes[at];
  ++position_;
  if (c == '\r') {
    field_.end = within(at);
    state_ = State::kCarriage;
    return false;
  }
  // After damage behind a closing quote the field keeps the end that it had.
  end_field(field_.quoted ? field_.end : within(at));
  if (c == '\n') {
    ++breaks_;
    end_bytes_ = 1;
    return true;
  }
  state_ = State::kFieldStart;
  return false;
}

void CsvReader::scan_quoted() {
  const char* from = buffer_.data() + position_;
  const char* end = buffer_.data() + filled_;
  const auto* quote = static_cast<const char*>(std::memchr(from, quote_, end - from));
  const char* to = quote == nullptr ? end : quote;
  breaks_ += std::count(from, to, '\n');
  position_ += to - from;
  if (quote != nullptr) {
    ++position_;
    state_ = State::kQuoteInQuoted;
  }
}

/// The byte after a closing quote.
bool CsvReader::leave_quoted() {
  const char c = buffer_[position_];
  if (c == delimiter_) {
    ++position_;
    end_field(field_.end);
    state_ = State::kFieldStart;
  } else if (c == '\n') {
    ++position_;
    ++breaks_;
    end_bytes_ = 1;
    end_field(field_.end);
    return true;
  } else if (c == '\r') {
    ++position_;
    state_ = State::kCarriage;
  } else {
    damage("text after a closing quote");
    state_ = State::kUnquoted;
  }
  return false;
}

/// The byte after a CR outside quotes.
bool CsvReader::leave_carriage() {
  if (buffer_[position_] != '\n') {
    damage("a carriage return without a line feed");
    state_ = State::kUnquoted;
    return false;
  }
  ++position_;
  ++breaks_;
  end_bytes_ = 2;
  end_field(field_.end);
  return true;
}

void CsvReader::end_field(std::size_t end) {
  if (!too_long_) {
    field_.end = end;
    bounds_.push_back(field_);
  }
}

/// Forgets the bytes of a record that is too long; only its length still counts.
void CsvReader::give_up() {
  bounds_.clear();
  dropped_ += static_cast<std::int64_t>(within(position_));
  start_ = position_;
}

void CsvReader::end_at_file_end() {
  switch (state_) {
    case State::kFieldStart:
      field_ = {within(position_), within(position_), false, false};
      end_field(field_.end);
      break;
    case State::kUnquoted:
      end_field(field_.quoted ? field_.end : within(position_));
      break;
    case State::kQuoted:
      damage("a quote is still open at the end of the file");
      break;
    case State::kQuoteInQuoted:
      end_field(within(position_) - 1);
      break;
    case State::kAfterQuoted:
      end_field(field_.end);
      break;
    case State::kCarriage:
      end_bytes_ = 1;
      end_field(field_.end);
      break;
  }
}

void CsvReader::finish(CsvRecord& record) {
  const std::int64_t taken = dropped_ + static_cast<std::int64_t>(within(position_));
  record.offset = offset_;
  record.line = line_;
  record.bytes = taken - end_bytes_;
  record.fields.clear();
  record.damage.clear();
  record.damaged_field = -1;
  if (too_long_ || record.bytes > kRecordBytesMax) {
    record.damage =
        fmt::format("a record of {} bytes, the limit is {}", record.bytes, kRecordBytesMax);
  } else if (!damage_.empty()) {
    record.damage = damage_;
    record.damaged_field = damaged_field_;
  } else {
    collect_fields(record);
    check_text(record, std::string_view(buffer_).substr(start_, record.bytes));
  }
  offset_ += taken;
  line_ += breaks_;
  start_ = position_;
}

void CsvReader::collect_fields(CsvRecord& record) {
  unescaped_.clear();
  unescaped_.reserve(within(position_));  // the texts point into it
  for (const Bounds& field : bounds_) {
    std::string_view text(buffer_.data() + start_ + field.begin, field.end - field.begin);
    if (field.doubled) {
      const std::size_t from = unescaped_.size();
      for (std::size_t i = 0; i < text.size(); ++i) {
        unescaped_ += text[i];
        i += text[i] == quote_ ? 1 : 0;
      }
      text = std::string_view(unescaped_).substr(from);
    }
    record.fields.push_back({text, field.quoted});
  }
}

void CsvReader::check_text(CsvRecord& record, std::string_view raw) {
  if (is_text(raw)) {
    return;
  }
  record.damage = "bytes that are no UTF-8 text";
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    if (!is_text(record.fields[i].text)) {
      record.damaged_field = static_cast<int>(i);
      if (record.fields[i].text.find('\0') != std::string_view::npos) {
        record.damage = "a NUL byte";
      }
      break;
    }
  }
}

void CsvReader::damage(std::string_view why) {
  if (damage_.empty()) {
    damage_ = why;
    damaged_field_ = too_long_ ? -1 : static_cast<int>(bounds_.size());
  }
}

}  // namespace sluice::decode
