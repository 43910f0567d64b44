#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"

namespace sluice::app {

enum class AnswerFormat { kTable, kJson, kCsv };

/// Prints the rows of an answer as they come.
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;

  /// Takes the rows; kCancelled when the reader of the output has gone.
  virtual base::Status add(data::Batch batch) = 0;
  /// Ends the output. `columns` are the answer's, for one without rows; `cut` says that there were
  /// more rows.
  virtual base::Status finish(const std::vector<data::Column>& columns, bool cut) = 0;
};

/// Makes a writer to `out`. kTable aligns columns over the first rows (up to 1,000) and prints the
/// rest with the same widths; kJson is one array of objects; kCsv has a header and RFC 4180 quotes.
std::unique_ptr<AnswerWriter> make_answer_writer(AnswerFormat format, std::FILE* out);

}  // namespace sluice::app
