#pragma once

#include <string>
#include <vector>

namespace sluice::decode {

/// SQL that yields records as text columns: the contract's, then file, line, offset, bytes, refusal
/// (packed, null when none) and whatever `payload` needs.
struct RecordSource {
  std::string from;     // what stands behind FROM
  std::string payload;  // the record as text; null where it is read from the landed file
  std::string bytes;    // its length
  std::string place;    // columns that tell its records apart, and those of another reading of them
};

using RecordSources = std::vector<RecordSource>;

}  // namespace sluice::decode
