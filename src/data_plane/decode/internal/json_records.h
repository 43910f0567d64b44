#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sluice/decode/internal/block.h"
#include "sluice/decode/internal/landed_record.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Reads JSON objects (RFC 8259) by the contract's columns. A key that the record lacks, and null,
/// are null; a key that the contract does not know refuses the record, unless the job ignores them;
/// a key that occurs twice, a NUL in a text and anything that is no JSON are damage.
///
/// A value is read by its text, as a CSV field is: 12 and "12" are the same int. Two things are
/// refused as type `type` here: what is no string in a string column, and an object or array.
class JsonParser {
 public:
  /// `job` must outlive this.
  explicit JsonParser(const job::DecodeJob& job);
  ~JsonParser();

  /// Makes a reader of the block's records; one at a time. Both must outlive it.
  std::unique_ptr<RecordReader> read(const Block& block);

  /// Keys that the contract does not know, as seen since they were last forgotten; a hundred at
  /// most.
  const std::vector<std::string>& unknown() const;
  void forget_unknown();

  class State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sluice::decode
