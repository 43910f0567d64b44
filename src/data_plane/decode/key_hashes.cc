#include "sluice/decode/internal/key_hashes.h"

#include <algorithm>

namespace sluice::decode {

namespace {

constexpr int kPartShift = 63 - 9;  // the upper bits of a hash say which of 512 parts has it

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
  const auto part = static_cast<std::size_t>(static_cast<std::uint64_t>(hash) >> kPartShift);
  rules_[rule].parts[part % kParts].push_back(hash);
}

void KeyHashes::settle() {
  for (Rule& rule : rules_) {
    for (std::vector<std::int64_t>& part : rule.parts) {
      std::sort(part.begin(), part.end());
      for (std::size_t i = 1; i < part.size(); ++i) {
        const bool is_second = part[i] == part[i - 1] && (i == 1 || part[i] != part[i - 2]);
        if (is_second) {
          rule.repeated.push_back(part[i]);
        }
      }
      std::vector<std::int64_t>().swap(part);
    }
  }
}

void KeyHashes::clear() {
  rules_ = std::vector<Rule>(rules_.size());
  hashes_ = 0;
  known_ = true;
}

}  // namespace sluice::decode
