#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sluice/data/column_profile.h"
#include "sluice/decode/internal/kind_counts.h"

namespace sluice::decode {

/// Collects what a column's scalar values have in common, in bounded memory.
class ColumnEvidence {
 public:
  /// `quoted`: the format itself says that the value is a text.
  void add(std::string_view text, const TextReading& reading, bool quoted);

  const KindCounts& kinds() const { return kinds_; }
  /// Fills in what is known of the values; the type is the caller's.
  void describe(data::ColumnProfile& profile, std::int64_t rows);

 private:
  void count_distinct(std::string_view text, std::uint64_t hash);
  void watch_unique(std::uint64_t hash);

  KindCounts kinds_;
  bool ordered_ = false;
  long double least_ = 0;
  long double most_ = 0;
  std::string minimum_;
  std::string maximum_;
  std::int64_t length_min_ = -1;
  std::int64_t length_max_ = 0;
  bool few_ = true;
  std::unordered_set<std::string> domain_;
  std::unordered_set<std::uint64_t> distinct_;
  bool distinct_exact_ = true;
  bool unique_ = true;
  std::vector<std::uint64_t> hashes_;  // of all values, as long as none is known to be there twice
  std::size_t next_look_ = 1024;
};

/// Says whether equal values of a type are always written alike, so that texts tell them apart.
bool has_one_spelling(const data::Type& type);

}  // namespace sluice::decode
