#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::decode {

/// Bytes of a record that is still read; a longer one is skipped and reported.
inline constexpr std::int64_t kRecordBytesMax = std::int64_t{16} << 20;

struct CsvField {
  std::string_view text;
  bool quoted = false;
};

/// A record as it stands in the file; texts live until the next call of the reader.
struct CsvRecord {
  std::int64_t offset = 0;  // of its first byte in the file
  std::int64_t bytes = 0;   // without the line break that ends it
  std::int64_t line = 0;    // physical line of its first byte, from 1
  std::vector<CsvField> fields;
  std::string damage;      // why it cannot be read; "" when it can
  int damaged_field = -1;  // -1 the whole record
};

/// Reads records of a CSV file from front to back in memory bounded by kRecordBytesMax.
///
/// RFC 4180, with these decisions: a record ends at LF or CRLF, and a CR elsewhere outside quotes
/// is damage; a quote inside an unquoted field is text; text between a closing quote and the next
/// delimiter is damage; a quote that is still open at the end of the file is damage; a blank line
/// is no record; a missing last line break is fine; bytes that are no UTF-8, and NUL, are
/// damage; a byte order mark at the start is skipped.
class CsvReader {
 public:
  /// Fills the buffer with the next bytes of the file and returns how many; 0 at its end.
  using ReadBytes = std::function<base::Result<std::size_t>(char* to, std::size_t bytes_max)>;

  CsvReader(ReadBytes read, char delimiter, char quote);

  /// Reads the next record; false at the end. Errors are those of `read`.
  base::Result<bool> next(CsvRecord& record);

 private:
  enum class State { kFieldStart, kUnquoted, kQuoted, kQuoteInQuoted, kAfterQuoted, kCarriage };
  struct Bounds {  // of one field, relative to the record's start
    std::size_t begin;
    std::size_t end;
    bool quoted;
    bool doubled;  // holds doubled quotes
  };

  base::Result<bool> next_raw(CsvRecord& record);
  base::Result<bool> refill();
  base::Status skip_mark();
  void begin_record();
  bool scan();
  void begin_field();
  bool scan_unquoted();
  void scan_quoted();
  bool leave_quoted();
  bool leave_carriage();
  void end_field(std::size_t end);
  void give_up();
  void end_at_file_end();
  void finish(CsvRecord& record);
  void collect_fields(CsvRecord& record);
  void check_text(CsvRecord& record, std::string_view raw);
  void damage(std::string_view why);
  std::size_t within(std::size_t position) const { return position - start_; }

  const ReadBytes read_;
  const char delimiter_;
  const char quote_;
  std::array<bool, 256> ends_run_{};  // bytes that matter in an unquoted field

  std::string buffer_;
  std::size_t filled_ = 0;    // bytes of buffer_ that hold file content
  std::size_t start_ = 0;     // of the record, in buffer_
  std::size_t position_ = 0;  // next byte to look at, in buffer_
  bool ended_ = false;        // the file has no more bytes
  bool begun_ = false;

  std::int64_t offset_ = 0;  // of the record's start, in the file
  std::int64_t line_ = 1;    // at the record's start

  // The record that is being read.
  State state_ = State::kFieldStart;
  Bounds field_{};
  std::vector<Bounds> bounds_;
  std::int64_t breaks_ = 0;     // LF inside it so far, and the one that ends it
  std::int64_t dropped_ = 0;    // bytes given up, because it is too long
  std::int64_t end_bytes_ = 0;  // of the line break that ends it
  bool too_long_ = false;
  std::string damage_;
  int damaged_field_ = -1;
  std::string unescaped_;
};

}  // namespace sluice::decode
