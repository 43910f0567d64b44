#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/decode/internal/csv_reader.h"
#include "sluice/decode/internal/refusal.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// A record of a landed file, its values by contract column.
struct LandedRecord {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t line = 0;
  std::string refusal;                                  // packed; "" when the values can be judged
  std::vector<std::optional<std::string_view>> values;  // empty when refused
};

/// Reads the records of one file under a contract's columns: by name in any order when the file has
/// a header, else by position. What the header lacks or should not have refuses every record of the
/// file. A header that is itself damaged is refused as a record too, since it may hide others.
class CsvFile {
 public:
  /// `columns` and `dialect` must outlive this.
  CsvFile(CsvReader::ReadBytes read, const job::CsvDialect& dialect,
          const std::vector<job::DecodeColumn>& columns);

  /// Reads the next record; false at the end of the file.
  base::Result<bool> next(LandedRecord& record);

 private:
  base::Result<bool> read_header(LandedRecord& record);
  void map_header();
  std::string judge_header() const;
  std::string judge_record() const;
  std::string column_name(int field) const;
  bool is_null(const CsvField& field) const;
  void fill(LandedRecord& record) const;

  CsvReader reader_;
  const job::CsvDialect& dialect_;
  const std::vector<job::DecodeColumn>& columns_;
  CsvRecord raw_;
  bool begun_ = false;
  std::vector<std::string> header_;
  std::vector<int> field_of_;  // per contract column; -1 the file has none
  std::string file_refusal_;   // of every record; "" none
};

}  // namespace sluice::decode
