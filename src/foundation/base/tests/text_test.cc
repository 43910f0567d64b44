#include "sluice/base/text.h"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

TEST(Text, FindsTheNearestWord) {
  const std::vector<std::string> keys = {"target_lag", "refresh", "partition_by"};
  EXPECT_EQ(nearest("target_lg", keys), "target_lag");
  EXPECT_EQ(nearest("Refresh", keys), "refresh");
  EXPECT_EQ(nearest("colour", keys), "");
}

TEST(Text, MatchesGlobs) {
  EXPECT_TRUE(glob_matches("*.csv", "a.csv"));
  EXPECT_FALSE(glob_matches("*.csv", "a/b.csv"));
  EXPECT_TRUE(glob_matches("**/*.csv", "a/b/c.csv"));
  EXPECT_TRUE(glob_matches("**/*.csv", "c.csv"));
  EXPECT_TRUE(glob_matches("in/2013-0?-*.csv", "in/2013-01-07.csv"));
  EXPECT_FALSE(glob_matches("in/?.csv", "in//.csv"));
  EXPECT_TRUE(glob_matches("a*b*c", "aXbYbZc"));
}

/// What a glob means, word for word; takes time without bound.
bool glob_meaning(std::string_view pattern, std::string_view path, bool begins = true) {
  if (pattern.empty()) {
    return path.empty();
  }
  if (pattern.starts_with("**")) {
    const std::string_view rest = pattern.substr(2);
    bool found = begins && rest.starts_with('/') && glob_meaning(rest.substr(1), path);
    for (std::size_t i = 0; i <= path.size() && !found; ++i) {
      found = glob_meaning(rest, path.substr(i), false);
    }
    return found;
  }
  if (pattern[0] == '*') {
    return glob_meaning(pattern.substr(1), path, false) ||
           (!path.empty() && path[0] != '/' && glob_meaning(pattern, path.substr(1), false));
  }
  const bool same = !path.empty() && (pattern[0] == '?' ? path[0] != '/' : pattern[0] == path[0]);
  return same && glob_meaning(pattern.substr(1), path.substr(1), pattern[0] == '/');
}

/// All words of up to `length` of these letters.
std::vector<std::string> words_of(std::string_view letters, std::size_t length) {
  std::vector<std::string> words{""};
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const char letter : letters) {
      if (words[i].size() < length) {
        words.push_back(words[i] + letter);
      }
    }
  }
  return words;
}

TEST(Text, MatchesEveryShortGlobAsItsMeaningSays) {
  const auto paths = words_of("ab/", 5);
  for (const std::string& pattern : words_of("a/*?", 5)) {
    for (const std::string& path : paths) {
      ASSERT_EQ(glob_matches(pattern, path), glob_meaning(pattern, path))
          << "'" << pattern << "' on '" << path << "'";
    }
  }
}

TEST(Text, MatchesAGlobOfManyStarsInTime) {
  const std::string stars(200, '*');
  EXPECT_FALSE(glob_matches(stars + "o" + stars, std::string(200, 'a')));
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(200, 'a')));
}

TEST(Text, WritesNumbersForPeople) {
  EXPECT_EQ(format_count(336776), "336,776");
  EXPECT_EQ(format_count(-1000), "-1,000");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_duration_us(65'000'000), "1 m 05 s");
}

TEST(Text, SplitsJoinsAndTrims) {
  const std::vector<std::string> parts = split("a,,b", ',');
  EXPECT_EQ(parts, (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(join(parts, "|"), "a||b");
  EXPECT_EQ(trim(" x \n"), "x");
  EXPECT_EQ(trim("  "), "");
}

}  // namespace
}  // namespace sluice::base
