#pragma once

#include <string>
#include <vector>

namespace sluice::decode {

/// Column that says of a record that SQL must judge it by the text of all its values.
inline constexpr const char* kByTextColumn = "_sluice_by_text";

/// SQL that yields records as text columns: the contract's, then file, line, offset, bytes, refusal
/// (packed, null when none), kByTextColumn and whatever `values` and `payload` need. Where a column
/// has a value, its text is null unless the record is judged by text.
struct RecordSource {
  std::string from;     // what stands behind FROM
  std::string payload;  // the record as text; null where it is read from the landed file
  std::string bytes;    // its length
  std::string place;    // columns that tell its records apart, and those of another reading of them
  std::vector<std::string> values;  // per contract column its value; "" the cast of its text is
};

using RecordSources = std::vector<RecordSource>;

}  // namespace sluice::decode
