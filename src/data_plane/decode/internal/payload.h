#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/decode/internal/block.h"
#include "sluice/decode/internal/utf8.h"

namespace sluice::decode {

/// How much of a refused record of so many bytes its quarantine row repeats.
inline std::int64_t payload_bytes_max(std::int64_t record_bytes) {
  return record_bytes > kRecordBytesMax ? kLongPayloadBytes : kPayloadBytesMax;
}

/// The text that a quarantine row repeats of a record, from the record's first bytes.
inline std::string payload_text(std::string_view front, std::int64_t record_bytes) {
  const auto bytes_max = static_cast<std::size_t>(payload_bytes_max(record_bytes));
  return escape_text(front.substr(0, bytes_max), bytes_max);
}

}  // namespace sluice::decode
