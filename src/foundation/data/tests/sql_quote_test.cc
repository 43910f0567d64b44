#include "sluice/data/sql_quote.h"

#include <gtest/gtest.h>

namespace sluice::data {
namespace {

TEST(SqlQuote, DoublesTheQuotesInside) {
  EXPECT_EQ(quote_identifier("day"), "\"day\"");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_table("gold.daily"), "\"gold\".\"daily\"");
  EXPECT_EQ(quote_table("daily"), "\"daily\"");
}

}  // namespace
}  // namespace sluice::data
