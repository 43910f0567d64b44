#include "sluice/duck/quote.h"

#include <gtest/gtest.h>

namespace sluice::duck {
namespace {

TEST(Quote, DoublesInnerQuotes) {
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
}

TEST(Quote, UnquoteUndoesQuote) {
  for (const char* name : {"day", "a\"b", "\"", "", "x\"\"y"}) {
    EXPECT_EQ(unquote_identifier(quote_identifier(name)), name);
  }
  EXPECT_EQ(unquote_identifier("plain"), "plain");
}

}  // namespace
}  // namespace sluice::duck
