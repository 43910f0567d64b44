#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/duck/vector.h"

namespace sluice::duck {

enum class ArgumentType { kText, kBigint, kBoolean, kBlob };

struct FunctionColumn {
  std::string name;
  data::Type type;
};

/// The columns of a chunk that a table function fills, in the order it declared them; a column that
/// the query does not read is not wanted.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::vector<ColumnWriter> columns) : columns_(std::move(columns)) {}
  ColumnWriter& column(std::size_t index) { return columns_[index]; }

 private:
  std::vector<ColumnWriter> columns_;
};

/// Rows that a table function may put into one chunk.
std::size_t chunk_rows_max();

/// One thread's share of a scan: fills a chunk and returns its rows, 0 when there are no more.
using ScanThread = std::function<base::Result<std::size_t>(ChunkWriter&)>;

/// A table function without parameters. `open_thread` is called once on each of the scan's threads.
/// Order of rows is not kept between threads.
struct TableFunction {
  std::string name;
  std::vector<FunctionColumn> columns;
  std::function<std::size_t()> threads_max;
  std::function<std::int64_t()> rows_estimate;
  std::function<base::Result<ScanThread>()> open_thread;
};

/// A scalar function with effects: DuckDB calls it exactly once for each row, nulls included, and
/// neither folds nor shares it. Called from many threads.
struct ScalarFunction {
  std::string name;
  std::vector<ArgumentType> arguments;
  ArgumentType result = ArgumentType::kBoolean;
  std::function<base::Status(const ChunkView& arguments, ColumnWriter& result)> call;
};

/// Keeps the first error of our own functions with its kind, which DuckDB would reduce to text.
class FunctionErrors {
 public:
  void record(const base::Error& error);
  std::optional<base::Error> take();

 private:
  std::mutex mutex_;
  std::optional<base::Error> first_;
};

}  // namespace sluice::duck
