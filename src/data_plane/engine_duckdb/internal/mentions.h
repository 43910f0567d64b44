#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sluice::engine_duckdb::internal {

/// The words of a SQL text, in lower case: runs of letters, digits, `_`, `$` and bytes outside
/// ASCII.
class Words {
 public:
  explicit Words(std::string_view sql);

  bool contains(const std::string& word) const { return words_.contains(word); }
  const std::unordered_set<std::string>& all() const { return words_; }

  /// Says whether the text can name tables otherwise than by writing their names: table functions
  /// that take SQL or a name, and escaped identifiers.
  bool names_may_be_hidden() const { return hidden_; }

 private:
  std::unordered_set<std::string> words_;
  bool hidden_ = false;
};

/// Finds the tables that a text may read: those whose last name part occurs in it, word by word.
/// Too many are possible (a column of that name), too few are not.
class TableNames {
 public:
  /// Adds a dotted name as table `number`; numbers are given in ascending order.
  void add(std::string_view name, std::size_t number);

  /// Returns the numbers of the tables, ascending.
  std::vector<std::size_t> mentioned_in(const Words& words) const;

 private:
  struct Named {
    std::size_t number;
    std::vector<std::string> words;
  };
  std::unordered_map<std::string, std::vector<Named>> by_first_word_;
  std::vector<std::size_t> all_;
  std::vector<std::size_t> wordless_;
};

}  // namespace sluice::engine_duckdb::internal
