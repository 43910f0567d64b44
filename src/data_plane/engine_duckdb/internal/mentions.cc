#include "sluice/engine_duckdb/internal/mentions.h"

#include <algorithm>
#include <utility>

namespace sluice::engine_duckdb::internal {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <class Take>
void split_words(std::string_view text, Take take) {
  std::string word;
  for (const char c : text) {
    if (is_word_char(c)) {
      word.push_back(lower(c));
    } else if (!word.empty()) {
      take(std::exchange(word, {}));
    }
  }
  if (!word.empty()) {
    take(std::move(word));
  }
}

}  // namespace

Words::Words(std::string_view sql) {
  split_words(sql, [&](std::string word) { words_.insert(std::move(word)); });
  hidden_ = contains("query") || contains("query_table") || sql.find("U&") != std::string::npos ||
            sql.find("u&") != std::string::npos;
}

void TableNames::add(std::string_view name, std::size_t number) {
  const std::size_t dot = name.rfind('.');
  Named named{number, {}};
  split_words(dot == std::string_view::npos ? name : name.substr(dot + 1),
              [&](std::string word) { named.words.push_back(std::move(word)); });
  all_.push_back(number);
  if (named.words.empty()) {
    wordless_.push_back(number);
  } else {
    const std::string first = named.words.front();
    by_first_word_[first].push_back(std::move(named));
  }
}

std::vector<std::size_t> TableNames::mentioned_in(const Words& words) const {
  if (words.names_may_be_hidden()) {
    return all_;
  }
  std::vector<std::size_t> numbers = wordless_;
  for (const std::string& word : words.all()) {
    const auto found = by_first_word_.find(word);
    if (found == by_first_word_.end()) {
      continue;
    }
    for (const Named& named : found->second) {
      if (std::all_of(named.words.begin(), named.words.end(),
                      [&](const std::string& part) { return words.contains(part); })) {
        numbers.push_back(named.number);
      }
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace sluice::engine_duckdb::internal
