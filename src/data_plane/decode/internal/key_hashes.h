#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::decode {

/// Which keys of a batch may occur more than once, by 63-bit hashes of them: keys that are equal
/// have one hash, so a key whose hash occurs once is nobody else's. Memory is eight bytes a key, up
/// to a bound; beyond it nothing is known any more. Not thread-safe.
class KeyHashes {
 public:
  KeyHashes(std::size_t rules, std::int64_t bytes_max);

  void add(std::size_t rule, std::int64_t hash);
  /// Ends the adding, and finds what was added twice.
  void settle();
  /// Forgets everything.
  void clear();

  std::size_t rules() const { return rules_.size(); }
  /// False when there were too many keys.
  bool known() const { return known_; }
  /// Hashes of the rule's keys that were added more than once, each once.
  const std::vector<std::int64_t>& repeated(std::size_t rule) const {
    return rules_[rule].repeated;
  }

 private:
  struct Rule {
    std::vector<std::vector<std::int64_t>> added;  // in pieces, so that growing copies nothing
    std::vector<std::int64_t> repeated;
  };

  std::vector<Rule> rules_;
  const std::size_t hashes_max_;
  std::size_t hashes_ = 0;
  bool known_ = true;
};

}  // namespace sluice::decode
