#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/data/type.h"

namespace sluice::data {

/// What was seen of a column in a sample of records, and the narrowest type that holds every value
/// of it without loss. Counts are of the records that were read.
struct ColumnProfile {
  std::string name;
  Type type;
  bool known = false;        // a value was seen; `type` means nothing otherwise
  std::string note;          // why the type is not what one might expect; "" when it is
  std::int64_t values = 0;   // not null
  std::int64_t nulls = 0;    // null or absent
  std::int64_t misfits = 0;  // values that decoding refuses under this type
  std::int64_t distinct = 0;
  bool distinct_exact = true;  // else there are more than `distinct`
  bool unique = false;         // no null, and no value twice
  std::string minimum;         // as it stands in the data; "" where values have no order
  std::string maximum;
  std::int64_t length_min = 0;  // characters
  std::int64_t length_max = 0;
  std::vector<std::string> domain;  // every value, sorted, when they are few
};

}  // namespace sluice::data
