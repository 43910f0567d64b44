#include "sluice/decode/internal/key_hashes.h"

#include <algorithm>
#include <bit>

namespace sluice::decode {

namespace {

constexpr std::size_t kPieceHashes = std::size_t{1} << 16;
constexpr std::size_t kBitsPerHash = 16;
using Pieces = std::vector<std::vector<std::int64_t>>;

/// One bit for each value that some upper bits of a hash can have.
class Bits {
 public:
  explicit Bits(std::size_t hashes) {
    const std::size_t bits = std::bit_ceil(std::max<std::size_t>(64, hashes * kBitsPerHash));
    shift_ = 63 - std::countr_zero(bits);
    words_.resize(bits / 64);
  }

  bool has(std::int64_t hash) const { return (words_[word(hash)] & bit(hash)) != 0; }
  /// Sets the bit; true when it was set before.
  bool add(std::int64_t hash) {
    std::uint64_t& word_of = words_[word(hash)];
    const bool had = (word_of & bit(hash)) != 0;
    word_of |= bit(hash);
    return had;
  }

 private:
  std::size_t place(std::int64_t hash) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(hash) >> shift_);
  }
  std::size_t word(std::int64_t hash) const { return place(hash) / 64; }
  std::uint64_t bit(std::int64_t hash) const { return std::uint64_t{1} << place(hash) % 64; }

  int shift_ = 0;
  std::vector<std::uint64_t> words_;
};

/// Finds what occurs twice. A bit that is met again names candidates, most of them by accident;
/// only hashes that share a bit with one are sorted.
std::vector<std::int64_t> find_repeated(const Pieces& added, std::size_t hashes) {
  std::vector<std::int64_t> met_again;
  Bits seen(hashes);
  for (const std::vector<std::int64_t>& piece : added) {
    for (const std::int64_t hash : piece) {
      if (seen.add(hash)) {
        met_again.push_back(hash);
      }
    }
  }
  Bits suspected(met_again.size());
  for (const std::int64_t hash : met_again) {
    suspected.add(hash);
  }
  std::vector<std::int64_t> candidates;
  for (const std::vector<std::int64_t>& piece : added) {
    for (const std::int64_t hash : piece) {
      if (suspected.has(hash)) {
        candidates.push_back(hash);
      }
    }
  }
  std::sort(candidates.begin(), candidates.end());
  std::vector<std::int64_t> repeated;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (candidates[i] == candidates[i - 1] &&
        (repeated.empty() || repeated.back() != candidates[i])) {
      repeated.push_back(candidates[i]);
    }
  }
  return repeated;
}

}  // namespace

KeyHashes::KeyHashes(std::size_t rules, std::int64_t bytes_max)
    : rules_(rules),
      hashes_max_(static_cast<std::size_t>(std::max<std::int64_t>(0, bytes_max)) /
                  sizeof(std::int64_t)) {}

void KeyHashes::add(std::size_t rule, std::int64_t hash) {
  if (!known_) {
    return;
  }
  if (hashes_++ == hashes_max_) {
    clear();
    known_ = false;
    return;
  }
  auto& added = rules_[rule].added;
  if (added.empty() || added.back().size() == kPieceHashes) {
    added.emplace_back().reserve(kPieceHashes);
  }
  added.back().push_back(hash);
}

void KeyHashes::settle() {
  for (Rule& rule : rules_) {
    std::size_t hashes = 0;
    for (const std::vector<std::int64_t>& piece : rule.added) {
      hashes += piece.size();
    }
    rule.repeated = find_repeated(rule.added, hashes);
    rule.added.clear();
  }
}

void KeyHashes::clear() {
  rules_ = std::vector<Rule>(rules_.size());
  hashes_ = 0;
  known_ = true;
}

}  // namespace sluice::decode
