#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/decode/internal/block.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

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

/// Reads the records of one block of a CSV file.
///
/// RFC 4180, with these decisions: a record ends at LF or CRLF, and a CR elsewhere outside quotes
/// is damage; a quote inside an unquoted field is text; text between a closing quote and the next
/// delimiter is damage; a quote that is still open at the end of the file is damage; a blank line
/// is no record, nor is one that begins with the comment character; a missing last line break is
/// fine; bytes that are no UTF-8, and NUL, are damage. Inside quotes the byte behind the escape
/// character is text.
class CsvReader {
 public:
  /// `block` and `dialect` must outlive this.
  CsvReader(const Block& block, const job::CsvDialect& dialect);

  /// Reads the next record; false at the end.
  bool next(CsvRecord& record);

 private:
  struct Bounds {  // of one field, relative to the block's text
    std::size_t begin;
    std::size_t end;
    bool quoted;
    bool unescape;  // holds doubled quotes or escapes
  };

  bool take_plain(CsvRecord& record);
  bool take_line(CsvRecord& record, const char* begin, const char* end, const char* next);
  bool scan();
  bool scan_field();
  bool scan_unquoted(Bounds& field);
  bool scan_quoted(Bounds& field);
  bool end_line(std::size_t end_bytes);
  void finish(CsvRecord& record);
  void collect_fields(CsvRecord& record);
  std::string_view unescape(std::string_view text);
  void check_text(CsvRecord& record, std::string_view raw) const;
  void damage(std::string_view why);

  const std::string_view text_;
  const job::CsvDialect& dialect_;
  const std::int64_t block_offset_;
  std::array<bool, 256> ends_run_{};  // bytes that matter in an unquoted field
  std::size_t position_ = 0;
  std::int64_t line_;

  // The record that is being read.
  std::size_t start_ = 0;
  std::size_t end_ = 0;  // before its line break
  std::int64_t breaks_ = 0;
  std::vector<Bounds> bounds_;
  std::string damage_;
  int damaged_field_ = -1;
  std::string unescaped_;
};

}  // namespace sluice::decode
