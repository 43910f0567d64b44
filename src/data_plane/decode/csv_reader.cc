#include "sluice/decode/internal/csv_reader.h"

#include <emmintrin.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "sluice/decode/internal/utf8.h"

namespace sluice::decode {

CsvReader::CsvReader(const Block& block, const job::CsvDialect& dialect)
    : text_(block.text()), dialect_(dialect), block_offset_(block.offset), line_(block.line) {
  ends_run_[static_cast<unsigned char>(dialect.delimiter)] = true;
  ends_run_['\n'] = true;
  ends_run_['\r'] = true;
}

bool CsvReader::next(CsvRecord& record) {
  while (position_ < text_.size()) {
    if (take_plain(record)) {
      return true;
    }
    start_ = position_;
    bounds_.clear();
    breaks_ = 0;
    damage_.clear();
    damaged_field_ = -1;
    if (scan()) {
      finish(record);
      line_ += breaks_;
      return true;
    }
    line_ += breaks_;
  }
  return false;
}

/// Takes a record of one line without quotes, sixteen bytes at a time. False, with nothing taken,
/// when the record is any other: scan() says what that one is.
bool CsvReader::take_plain(CsvRecord& record) {
  const char* const begin = text_.data() + position_;
  const char* const stop = text_.data() + text_.size();
  if (*begin == '\n' || *begin == '\r' || (dialect_.comment != 0 && *begin == dialect_.comment)) {
    return false;
  }
  const __m128i delimiter = _mm_set1_epi8(dialect_.delimiter);
  const __m128i quote = _mm_set1_epi8(dialect_.quote == 0 ? '\n' : dialect_.quote);
  const __m128i line_feed = _mm_set1_epi8('\n');
  const __m128i carriage_return = _mm_set1_epi8('\r');
  const char* field = begin;
  record.fields.clear();
  for (const char* at = begin; stop - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i found = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, quote)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, line_feed), _mm_cmpeq_epi8(bytes, carriage_return)));
    for (auto bits = static_cast<unsigned>(_mm_movemask_epi8(found)); bits != 0; bits &= bits - 1) {
      const char* const end = at + std::countr_zero(bits);
      if (*end == dialect_.delimiter) {
        record.fields.push_back({{field, end}, false});
        field = end + 1;
        continue;
      }
      if (*end == '\n') {
        record.fields.push_back({{field, end}, false});
        return take_line(record, begin, end, end + 1);
      }
      if (*end == '\r' && end + 1 < stop && end[1] == '\n') {
        record.fields.push_back({{field, end}, false});
        return take_line(record, begin, end, end + 2);
      }
      return false;
    }
  }
  return false;
}

/// Ends the record whose fields were taken; `next` is behind its line break.
bool CsvReader::take_line(CsvRecord& record, const char* begin, const char* end, const char* next) {
  if (end - begin > kRecordBytesMax) {
    return false;
  }
  record.offset = block_offset_ + (begin - text_.data());
  record.bytes = end - begin;
  record.line = line_;
  record.damage.clear();
  record.damaged_field = -1;
  check_text(record, {begin, end});
  position_ = static_cast<std::size_t>(next - text_.data());
  ++line_;
  return true;
}

/// Goes through one record with its line break; false when it is none.
bool CsvReader::scan() {
  if (dialect_.comment != 0 && text_[position_] == dialect_.comment) {
    const std::size_t found = text_.find('\n', position_);
    position_ = found == std::string_view::npos ? text_.size() : found + 1;
    breaks_ = 1;
    return false;
  }
  while (!scan_field()) {
  }
  return end_ > start_;
}

/// Takes a field and what ends it; true at the end of the record.
bool CsvReader::scan_field() {
  Bounds field{position_, position_, false, false};
  if (position_ < text_.size() && dialect_.quote != 0 && text_[position_] == dialect_.quote) {
    ++position_;
    field.quoted = true;
    field.begin = position_;
    return scan_quoted(field);
  }
  return scan_unquoted(field);
}

bool CsvReader::scan_unquoted(Bounds& field) {
  for (;;) {
    while (position_ < text_.size() && !ends_run_[static_cast<unsigned char>(text_[position_])]) {
      ++position_;
    }
    // After damage behind a closing quote the field keeps the end that it had.
    field.end = field.quoted ? field.end : position_;
    if (position_ == text_.size()) {
      bounds_.push_back(field);
      return end_line(0);
    }
    if (text_[position_] == '\r') {
      const bool is_last = position_ + 1 == text_.size();
      if (is_last || text_[position_ + 1] == '\n') {
        bounds_.push_back(field);
        return end_line(is_last ? 1 : 2);
      }
      damage("a carriage return without a line feed");
      ++position_;
      continue;
    }
    bounds_.push_back(field);
    if (text_[position_] == '\n') {
      return end_line(1);
    }
    ++position_;
    return false;
  }
}

bool CsvReader::scan_quoted(Bounds& field) {
  const bool escapes = dialect_.escape != 0 && dialect_.escape != dialect_.quote;
  for (;;) {
    if (position_ == text_.size()) {
      damage("a quote is still open at the end of the file");
      return end_line(0);
    }
    const char c = text_[position_++];
    if (c == '\n') {
      ++breaks_;
    } else if (escapes && c == dialect_.escape) {
      field.unescape = true;
      if (position_ < text_.size()) {
        breaks_ += text_[position_++] == '\n' ? 1 : 0;
      }
    } else if (c == dialect_.quote) {
      if (position_ == text_.size() || text_[position_] != dialect_.quote) {
        break;
      }
      field.unescape = true;
      ++position_;
    }
  }
  field.end = position_ - 1;
  const char after = position_ < text_.size() ? text_[position_] : '\n';
  if (after != dialect_.delimiter && after != '\n' && after != '\r') {
    damage("text after a closing quote");
  }
  return scan_unquoted(field);
}

/// Ends the record before a line break of so many bytes; 0 at the end of the file.
bool CsvReader::end_line(std::size_t end_bytes) {
  end_ = position_;
  position_ += end_bytes;
  if (end_bytes > 0 && text_[position_ - 1] == '\n') {
    ++breaks_;
  }
  return true;
}

void CsvReader::finish(CsvRecord& record) {
  record.offset = block_offset_ + static_cast<std::int64_t>(start_);
  record.line = line_;
  record.bytes = static_cast<std::int64_t>(end_ - start_);
  record.fields.clear();
  record.damage.clear();
  record.damaged_field = -1;
  if (record.bytes > kRecordBytesMax) {
    record.damage =
        fmt::format("a record of {} bytes, the limit is {}", record.bytes, kRecordBytesMax);
  } else if (!damage_.empty()) {
    record.damage = damage_;
    record.damaged_field = damaged_field_;
  } else {
    collect_fields(record);
    check_text(record, text_.substr(start_, end_ - start_));
  }
}

void CsvReader::collect_fields(CsvRecord& record) {
  unescaped_.clear();
  unescaped_.reserve(end_ - start_);  // the texts point into it
  for (const Bounds& field : bounds_) {
    std::string_view text = text_.substr(field.begin, field.end - field.begin);
    record.fields.push_back({field.unescape ? unescape(text) : text, field.quoted});
  }
}

std::string_view CsvReader::unescape(std::string_view text) {
  const std::size_t from = unescaped_.size();
  const char escape = dialect_.escape == 0 ? dialect_.quote : dialect_.escape;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] == escape || text[i] == dialect_.quote) && i + 1 < text.size()) {
      ++i;
    }
    unescaped_ += text[i];
  }
  return std::string_view(unescaped_).substr(from);
}

void CsvReader::check_text(CsvRecord& record, std::string_view raw) const {
  if (is_text(raw)) {
    return;
  }
  record.damage = "bytes that are no text in the file's encoding";
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
    damaged_field_ = static_cast<int>(bounds_.size());
  }
}

}  // namespace sluice::decode
