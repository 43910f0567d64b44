#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sluice/data/type.h"
#include "sluice/decode/internal/text_kind.h"

namespace sluice::decode {

/// The narrowest type that holds every value of a sample, and what a reader should know of it.
struct NarrowestType {
  data::Type type;
  bool known = false;  // there was a value
  std::string note;
  std::int64_t misfits = 0;  // values that decoding refuses under this type
};

/// Counts how the scalar values of one place are written.
class KindCounts {
 public:
  /// `quoted`: the format itself says that the value is a text.
  void add(const TextReading& reading, bool quoted);

  std::int64_t values() const { return values_; }
  NarrowestType narrowest() const;

 private:
  std::int64_t count(TextKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  bool only(std::initializer_list<TextKind> kinds) const;
  NarrowestType number() const;
  NarrowestType text() const;

  std::array<std::int64_t, kTextKinds> counts_{};
  std::int64_t values_ = 0;
  std::int64_t quoted_ = 0;    // numbers and booleans in quotes
  std::int64_t unquoted_ = 0;  // and without
  bool is_int_ = true;
  bool is_long_ = true;
  bool double_holds_ = true;
  int whole_digits_ = 0;
  int scale_ = 0;
  bool has_quotes_ = false;  // the format tells texts from other values
};

}  // namespace sluice::decode
