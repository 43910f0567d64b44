#include "sluice/sql/lexical.h"

#include <gtest/gtest.h>

namespace sluice::sql {
namespace {

TEST(SkipQuoted, GoesPastTextNamesCommentsAndDollarQuotes) {
  EXPECT_EQ(skip_quoted("'a''b' c", 0), 3u);  // what follows is a text of its own
  EXPECT_EQ(skip_quoted("E'a\\'b' c", 1), 7u);
  EXPECT_EQ(skip_quoted("\"a;b\" c", 0), 5u);
  EXPECT_EQ(skip_quoted("-- a\nb", 0), 5u);
  EXPECT_EQ(skip_quoted("/* a /* b */ c */ d", 0), 17u);
  EXPECT_EQ(skip_quoted("$$a;b$$ c", 0), 7u);
  EXPECT_EQ(skip_quoted("$tag$ a; $$ ; $tag$ c", 0), 19u);
}

TEST(SkipQuoted, LeavesParametersAndNamesWithDollars) {
  EXPECT_EQ(skip_quoted("$1$ a", 0), 0u);
  EXPECT_EQ(skip_quoted("a$b$ c", 1), 1u);
  EXPECT_EQ(skip_quoted("$", 0), 0u);
}

TEST(SkipQuoted, TakesTheRestOfWhatDoesNotEnd) {
  EXPECT_EQ(skip_quoted("'abc", 0), 4u);
  EXPECT_EQ(skip_quoted("$x$ abc", 0), 7u);
  EXPECT_EQ(skip_quoted("/* a", 0), 4u);
}

TEST(HasWord, LooksOutsideQuotesAndComments) {
  EXPECT_TRUE(has_word("SELECT 1; PIVOT t", "pivot"));
  EXPECT_FALSE(has_word("SELECT 'pivot', \"pivot\", $q$ pivot $q$ -- pivot", "pivot"));
  EXPECT_FALSE(has_word("SELECT pivoted, unpivot", "pivot"));
}

}  // namespace
}  // namespace sluice::sql
