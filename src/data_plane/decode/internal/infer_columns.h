#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sluice/decode/internal/column_evidence.h"
#include "sluice/decode/internal/json_shape.h"
#include "sluice/decode/internal/key_search.h"
#include "sluice/job/infer_job.h"

namespace sluice::decode {

/// The columns of the records of an infer job, as they are found.
class InferColumns {
 public:
  /// `job` must outlive this.
  explicit InferColumns(const job::InferJob& job);

  /// Returns a column's number; -1 for one that nobody asked for, or one too many.
  int column(std::string_view name);

  // Of the row under way; a column that gets nothing is null in it.
  void add_text(int column, std::string_view text, bool quoted);
  void add_object(int column) { columns_[index(column)].shape.add_object(); }
  void add_array(int column) { columns_[index(column)].shape.add_array(); }
  JsonShape& shape(int column) { return columns_[index(column)].shape; }
  std::int64_t& places() { return places_; }
  void end_row();

  /// Sets a column's type, where the file itself says it.
  void set_type(int column, const data::Type& type, std::string note);

  std::int64_t rows() const { return rows_; }
  void finish(job::InferResult& result);

 private:
  struct Column {
    std::string name;
    ColumnEvidence evidence;
    JsonShape shape;
    bool typed = false;
    data::Type type;
    std::string note;
  };

  static std::size_t index(int column) { return static_cast<std::size_t>(column); }
  static data::ColumnProfile profile(Column& column, std::int64_t rows);

  const job::InferJob& job_;
  std::set<std::string, std::less<>> wanted_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, int> numbers_;
  bool too_many_ = false;
  std::int64_t rows_ = 0;
  std::int64_t places_ = 0;
  std::vector<std::uint64_t> hashes_;  // of the row under way
  KeySearch keys_;
};

}  // namespace sluice::decode
