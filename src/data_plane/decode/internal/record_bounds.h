#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Finds where the records of a text end, piece by piece, without reading their values. A region
/// is a record with what stands between it and the record before.
class RecordBounds {
 public:
  enum class Rest { kNothing, kRecord, kDamage };

  virtual ~RecordBounds() = default;

  /// Looks on from text[at], where `text` begins with the region. True when the region ended: `at`
  /// is behind it then, and begin(), end() and the breaks tell of it; the next call begins another.
  /// False when all of the text was looked at. Once lost() it is always false.
  virtual bool find(std::string_view text, std::size_t& at) = 0;

  /// Says what the text behind the last region is, now that the file has ended.
  virtual Rest finish(std::string_view text) = 0;

  /// Tells that the first bytes of the region are gone; at[0] is now the byte behind them.
  virtual void drop(std::size_t bytes) = 0;

  /// Nothing behind this place can be divided into records.
  bool lost() const { return !why_.empty(); }
  const std::string& why() const { return why_; }

  std::size_t begin() const { return begin_; }  // of the record; equal to end() when there is none
  std::size_t end() const { return end_; }
  std::int64_t breaks() const { return breaks_; }  // lines, or records, that the region counts for

 protected:
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::int64_t breaks_ = 0;
  std::string why_;
};

/// One record a line; blank lines are none.
std::unique_ptr<RecordBounds> line_bounds();

/// Line breaks inside quotes belong to the record. Agrees with CsvReader.
std::unique_ptr<RecordBounds> csv_bounds(const job::CsvDialect& dialect);

/// The elements of one top-level array, or top-level objects one after another. They are numbered:
/// a region counts for one line.
std::unique_ptr<RecordBounds> json_bounds();

}  // namespace sluice::decode
