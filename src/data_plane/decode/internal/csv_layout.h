#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/decode/internal/csv_reader.h"
#include "sluice/decode/internal/landed_record.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Which fields of a file's records are the contract's columns: by name in any order when the file
/// has a header, else by position. What the header lacks or should not have refuses every record of
/// the file.
class CsvLayout {
 public:
  /// Reads a header. One that is damaged is refused as a record too, since it may hide others:
  /// is_record() says so.
  CsvLayout(const CsvRecord& header, const job::DecodeJob& job);
  /// Takes the fields by position.
  explicit CsvLayout(const job::DecodeJob& job);

  bool is_record() const { return is_record_; }
  const std::vector<std::string>& unknown() const { return unknown_; }
  const std::string& refusal() const { return refusal_; }  // of every record; "" none
  std::size_t fields() const { return header_.size(); }
  std::string_view name(int field) const;
  /// Per contract column its field; -1 the file has none.
  const std::vector<int>& field_of() const { return field_of_; }

 private:
  void read_names(const job::DecodeJob& job);
  std::string judge(const job::DecodeJob& job) const;

  std::vector<std::string> header_;
  std::vector<int> field_of_;
  std::vector<std::string> unknown_;
  std::string repeated_;  // a name that occurs twice; "" none
  std::string refusal_;
  bool repeats_ = false;
  bool is_record_ = false;
};

/// Reads the records of a block of a CSV file. All must outlive the reader.
std::unique_ptr<RecordReader> read_csv(const Block& block, const CsvLayout& layout,
                                       const job::DecodeJob& job);

/// Lists names for a reason: `'a', 'b'`; of many the first ten and how many more.
std::string name_list(const std::vector<std::string>& names);

}  // namespace sluice::decode
