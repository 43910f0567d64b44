#include "sluice/decode/internal/kind_counts.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice::decode {

namespace {

using data::TypeKind;

constexpr int kDecimalDigits = 38;
constexpr int kShortDecimalDigits = 18;  // that fit into 64 bits: room to grow at no price
constexpr int kMoneyScale = 2;
constexpr int kDecimalScaleMax = 6;  // beyond it a fraction is a measurement, if a double holds it

bool is_plain(TextKind kind) { return kind <= TextKind::kNoNumber; }

}  // namespace

void KindCounts::add(const TextReading& reading, bool quoted) {
  ++counts_[static_cast<std::size_t>(reading.kind)];
  ++values_;
  if (is_plain(reading.kind)) {
    ++(quoted ? quoted_ : unquoted_);
  }
  has_quotes_ |= quoted;
  if (reading.kind == TextKind::kInteger) {
    is_int_ &= reading.order >= std::numeric_limits<std::int32_t>::min() &&
               reading.order <= std::numeric_limits<std::int32_t>::max();
    is_long_ &= reading.whole_digits < 20 &&
                reading.order >= std::numeric_limits<std::int64_t>::min() &&
                reading.order <= std::numeric_limits<std::int64_t>::max();
  }
  if (reading.kind <= TextKind::kExponent && reading.kind != TextKind::kBoolean) {
    double_holds_ &= reading.double_holds;
    whole_digits_ = std::max(whole_digits_, reading.whole_digits);
    scale_ = std::max(scale_, reading.scale);
  }
}

bool KindCounts::only(std::initializer_list<TextKind> kinds) const {
  std::int64_t sum = 0;
  for (const TextKind kind : kinds) {
    sum += count(kind);
  }
  return sum == values_;
}

NarrowestType KindCounts::text() const {
  NarrowestType narrowest{{TypeKind::kString}, true, "", 0};
  const auto kinds =
      std::count_if(counts_.begin(), counts_.end(), [](std::int64_t count) { return count > 0; });
  if (has_quotes_ && unquoted_ > 0) {
    narrowest.misfits = unquoted_;
    narrowest.note = "numbers or booleans stand among its strings";
  } else if (kinds > 1 && count(TextKind::kOther) < values_) {
    narrowest.note = "its values are of several kinds, or lose something in a narrower type";
  }
  return narrowest;
}

NarrowestType KindCounts::number() const {
  if (only({TextKind::kInteger})) {
    if (is_long_) {
      return {{is_int_ ? TypeKind::kInt : TypeKind::kLong}, true, "", 0};
    }
    if (whole_digits_ <= kDecimalDigits) {
      return {data::decimal_type(kDecimalDigits, 0), true, "numbers of more than 64 bits", 0};
    }
    return {{TypeKind::kString}, true, "whole numbers of more than 38 digits", 0};
  }
  const int scale = std::max(scale_, kMoneyScale);
  const bool decimal_holds =
      only({TextKind::kInteger, TextKind::kFraction}) && whole_digits_ + scale <= kDecimalDigits;
  if (decimal_holds && (scale <= kDecimalScaleMax || !double_holds_)) {
    const int precision =
        whole_digits_ + scale <= kShortDecimalDigits ? kShortDecimalDigits : kDecimalDigits;
    return {data::decimal_type(precision, scale), true, "", 0};
  }
  if (double_holds_) {
    return {{TypeKind::kDouble}, true, "", 0};
  }
  return {{TypeKind::kString}, true, "numbers of more digits than a double holds", 0};
}

NarrowestType KindCounts::narrowest() const {
  if (values_ == 0) {
    return {};
  }
  // A number that its writer put into quotes is a text, unless others stand there without.
  const bool are_texts = quoted_ > 0 && unquoted_ == 0;
  if (!are_texts) {
    if (only({TextKind::kBoolean})) {
      return {{TypeKind::kBoolean}, true, "", 0};
    }
    const bool numbers =
        count(TextKind::kInteger) + count(TextKind::kFraction) + count(TextKind::kExponent) > 0;
    if (numbers &&
        only({TextKind::kInteger, TextKind::kFraction, TextKind::kExponent, TextKind::kNoNumber})) {
      NarrowestType found = number();
      found.misfits = found.type.kind == TypeKind::kString && has_quotes_ ? unquoted_ : 0;
      return found;
    }
  }
  constexpr std::pair<TextKind, TypeKind> kOthers[] = {
      {TextKind::kDate, TypeKind::kDate},
      {TextKind::kTimestamp, TypeKind::kTimestamp},
      {TextKind::kTimestamptz, TypeKind::kTimestamptz},
      {TextKind::kUuid, TypeKind::kUuid},
  };
  for (const auto& [kind, type] : kOthers) {
    if (only({kind})) {
      return {{type}, true, "", 0};
    }
  }
  return text();
}

}  // namespace sluice::decode
