#include "sluice/decode/internal/key_search.h"

#include <algorithm>
#include <utility>

namespace sluice::decode {

namespace {

constexpr std::size_t kColumnsMax = 12;
constexpr std::int64_t kRowsMax = 250'000;
constexpr std::size_t kPairsMax = 5;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t mixed = a ^ (b + 0x9E3779B97F4A7C15ULL + (a << 6) + (a >> 2));
  mixed ^= mixed >> 31;
  return mixed * 0xBF58476D1CE4E5B9ULL;
}

bool all_differ(std::vector<std::uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  return std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end();
}

}  // namespace

void KeySearch::add_row(const std::vector<std::uint64_t>& hashes) {
  if (too_many_ || ++rows_ > kRowsMax) {
    too_many_ = true;
    columns_ = {};
    return;
  }
  const std::size_t known = std::min(hashes.size(), kColumnsMax);
  while (columns_.size() < known) {
    columns_.emplace_back(static_cast<std::size_t>(rows_ - 1), 0);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].push_back(i < hashes.size() ? hashes[i] : 0);
  }
}

std::vector<std::pair<std::size_t, std::size_t>> KeySearch::pairs(
    const std::vector<bool>& eligible) const {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  const auto may_be_part = [&](std::size_t i) {
    return i < eligible.size() && eligible[i] &&
           std::find(columns_[i].begin(), columns_[i].end(), 0) == columns_[i].end();
  };
  for (std::size_t a = 0; a < columns_.size() && rows_ > 1; ++a) {
    if (!may_be_part(a)) {
      continue;
    }
    for (std::size_t b = a + 1; b < columns_.size() && found.size() < kPairsMax; ++b) {
      if (!may_be_part(b)) {
        continue;
      }
      std::vector<std::uint64_t> together(columns_[a].size());
      for (std::size_t row = 0; row < together.size(); ++row) {
        together[row] = mix(columns_[a][row], columns_[b][row]);
      }
      if (all_differ(std::move(together))) {
        found.emplace_back(a, b);
      }
    }
  }
  return found;
}

}  // namespace sluice::decode
