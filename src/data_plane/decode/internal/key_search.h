#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::decode {

/// Looks for pairs of columns that are unique together, among the first columns of the first rows.
/// Beyond its bounds it finds none rather than guess.
class KeySearch {
 public:
  /// Takes the next row's values: hashes by column, 0 for null or absent.
  void add_row(const std::vector<std::uint64_t>& hashes);

  /// Returns pairs of columns, each `eligible`, that no two rows share, by index.
  std::vector<std::pair<std::size_t, std::size_t>> pairs(const std::vector<bool>& eligible) const;

 private:
  std::int64_t rows_ = 0;
  bool too_many_ = false;
  std::vector<std::vector<std::uint64_t>> columns_;
};

}  // namespace sluice::decode
