#pragma once

#include <string_view>

namespace sluice::decode {

/// What a text is a value of, judged by how it is written. The kinds do not overlap, and each holds
/// only texts that come back from a column of its type as the same value.
enum class TextKind {
  kBoolean,      // true, false in any case
  kInteger,      // 0, -17; no leading zeros, no plus
  kFraction,     // 0.50, -3.1; digits on both sides of the point
  kExponent,     // 1e9, 2.5E-3
  kNoNumber,     // nan, inf, infinity in any case, signed
  kDate,         // 2026-02-28, as the calendar has it
  kTimestamp,    // a date, T or a blank, a time of at most microseconds
  kTimestamptz,  // the same with Z or an offset
  kUuid,         // lower case
  kOther,
};
inline constexpr int kTextKinds = static_cast<int>(TextKind::kOther) + 1;

struct TextReading {
  TextKind kind = TextKind::kOther;
  int whole_digits = 0;      // of numbers, before the point
  int scale = 0;             // behind it
  bool double_holds = true;  // of numbers: 15 significant digits at most
  long double order = 0;     // where values have one
};

/// Reads a text, empty ones included.
TextReading read_text(std::string_view text);

}  // namespace sluice::decode
