#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"
#include "sluice/duck/vector.h"

namespace sluice::duck {

/// A column that a statement yields. `type` is the table type under which its values are read;
/// without one (ENUM, TIMESTAMP_NS, ARRAY, ...) the statement must cast the column first.
struct ResultColumn {
  std::string name;
  std::optional<data::Type> type;
};

/// The rows of a statement, taken chunk by chunk; a streamed one computes them as they are taken.
class QueryResult {
 public:
  struct Handle;

  explicit QueryResult(std::unique_ptr<Handle> handle);
  QueryResult(QueryResult&&) noexcept;
  QueryResult& operator=(QueryResult&&) noexcept;
  ~QueryResult();

  const std::vector<ResultColumn>& columns() const;

  /// Hands the next chunk to `take`; false when there is none. The view dies with the call.
  base::Result<bool> next(const std::function<base::Status(const ChunkView&)>& take);

  /// Returns the next chunk as a batch, nothing at the end. kUnsupported for a column without type.
  base::Result<std::optional<data::Batch>> next_batch();

 private:
  std::unique_ptr<Handle> handle_;
};

}  // namespace sluice::duck
