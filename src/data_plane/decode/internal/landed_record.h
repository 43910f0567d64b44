#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::decode {

inline constexpr const char* kMalformed = "malformed";

/// A record of a landed file, its values by contract column. Texts live until the next record.
struct LandedRecord {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t line = 0;
  std::string refusal;                                  // packed; "" when the values can be judged
  std::vector<std::optional<std::string_view>> values;  // empty when refused
  std::string_view raw;                                 // its bytes, or the first of them
};

/// Reads the records of one block.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Reads the next record; false at the end.
  virtual bool next(LandedRecord& record) = 0;
};

}  // namespace sluice::decode
