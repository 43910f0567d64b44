#include "sluice/decode/internal/column_evidence.h"

#include <algorithm>

#include "sluice/base/digest.h"

namespace sluice::decode {

namespace {

constexpr std::size_t kDomainMax = 32;
constexpr std::size_t kDomainBytesMax = 64;  // of one value
constexpr std::size_t kDistinctMax = 10'000;
constexpr std::size_t kUniqueMax = 4'000'000;  // then uniqueness is not claimed
constexpr std::size_t kShownBytes = 64;

std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

bool has_one_spelling(const data::Type& type) {
  using data::TypeKind;
  switch (type.kind) {
    case TypeKind::kInt:
    case TypeKind::kLong:
    case TypeKind::kString:
    case TypeKind::kDate:
    case TypeKind::kUuid:
      return true;
    case TypeKind::kDecimal:
      return type.scale == 0;
    default:
      return false;
  }
}

void ColumnEvidence::add(std::string_view text, const TextReading& reading, bool quoted) {
  kinds_.add(reading, quoted);
  const bool has_order = reading.kind != TextKind::kOther && reading.kind != TextKind::kUuid &&
                         reading.kind != TextKind::kNoNumber && reading.kind != TextKind::kBoolean;
  if (has_order && (!ordered_ || reading.order < least_)) {
    least_ = reading.order;
    minimum_ = text.substr(0, kShownBytes);
  }
  if (has_order && (!ordered_ || reading.order > most_)) {
    most_ = reading.order;
    maximum_ = text.substr(0, kShownBytes);
  }
  ordered_ |= has_order;
  const std::int64_t length = characters(text);
  length_min_ = length_min_ < 0 ? length : std::min(length_min_, length);
  length_max_ = std::max(length_max_, length);
  const std::uint64_t hash = base::xxh3(text);
  count_distinct(text, hash);
  watch_unique(hash);
}

void ColumnEvidence::count_distinct(std::string_view text, std::uint64_t hash) {
  if (few_) {
    few_ = text.size() <= kDomainBytesMax;
    if (few_) {
      domain_.emplace(text);
      few_ = domain_.size() <= kDomainMax;
    }
    if (!few_) {
      domain_.clear();
    }
  }
  if (!distinct_exact_) {
    return;
  }
  distinct_.insert(hash);
  distinct_exact_ = distinct_.size() <= kDistinctMax;
}

void ColumnEvidence::watch_unique(std::uint64_t hash) {
  if (!unique_) {
    return;
  }
  hashes_.push_back(hash);
  if (hashes_.size() < next_look_) {
    return;
  }
  next_look_ *= 4;
  std::vector<std::uint64_t> sorted = hashes_;
  std::sort(sorted.begin(), sorted.end());
  unique_ = hashes_.size() <= kUniqueMax &&
            std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  if (!unique_) {
    hashes_ = {};
  }
}

void ColumnEvidence::describe(data::ColumnProfile& profile, std::int64_t rows) {
  profile.values = kinds_.values();
  profile.nulls = rows - profile.values;
  profile.distinct = static_cast<std::int64_t>(distinct_exact_ ? distinct_.size() : kDistinctMax);
  profile.distinct_exact = distinct_exact_;
  std::sort(hashes_.begin(), hashes_.end());
  profile.unique = unique_ && profile.nulls == 0 && rows > 1 && has_one_spelling(profile.type) &&
                   std::adjacent_find(hashes_.begin(), hashes_.end()) == hashes_.end();
  if (profile.type.kind != data::TypeKind::kString && !data::is_nested(profile.type)) {
    profile.minimum = minimum_;
    profile.maximum = maximum_;
  }
  profile.length_min = std::max<std::int64_t>(0, length_min_);
  profile.length_max = length_max_;
  if (few_) {
    profile.domain.assign(domain_.begin(), domain_.end());
    std::sort(profile.domain.begin(), profile.domain.end());
  }
}

}  // namespace sluice::decode
