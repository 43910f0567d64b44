#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sluice/decode/internal/refusal.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Does what write_nested_text() does to texts that hold one JSON value each, as a CSV field may.
/// Not for two threads.
class NestedTextParser {
 public:
  NestedTextParser();
  ~NestedTextParser();

  /// What is no JSON is refused as `type`.
  void write(std::string_view json, const job::DecodeColumn& column, job::UnknownFields unknown,
             std::string& text, Refusal& refusal);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sluice::decode
