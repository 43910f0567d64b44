#include "sluice/engine_duckdb/internal/mentions.h"

#include <gtest/gtest.h>

namespace sluice::engine_duckdb::internal {
namespace {

std::vector<std::size_t> mentioned(std::string_view sql) {
  TableNames names;
  names.add("bronze.flights", 0);
  names.add("bronze.Planes", 1);
  names.add("silver.my-table", 2);
  names.add("silver.flights", 3);
  names.add("silver.überflüge", 4);
  return names.mentioned_in(Words(sql));
}

using Numbers = std::vector<std::size_t>;

TEST(TableNames, FindsATableByItsLastPartInAnyCase) {
  EXPECT_EQ(mentioned("SELECT * FROM bronze.PLANES"), (Numbers{1}));
  EXPECT_EQ(mentioned("SELECT * FROM silver.überflüge"), (Numbers{4}));
  EXPECT_EQ(mentioned("SELECT 1"), (Numbers{}));
}

TEST(TableNames, FindsEveryTableOfThatLastPart) {
  EXPECT_EQ(mentioned("SELECT * FROM silver.flights"), (Numbers{0, 3}));
}

TEST(TableNames, FindsQuotedNamesOfSeveralWords) {
  EXPECT_EQ(mentioned("SELECT * FROM silver.\"my-table\""), (Numbers{2}));
  EXPECT_EQ(mentioned("SELECT my FROM t"), (Numbers{}));
}

TEST(TableNames, TakesAWordAsAWhole) {
  EXPECT_EQ(mentioned("SELECT * FROM flights_daily, planes2"), (Numbers{}));
  EXPECT_EQ(mentioned("SELECT (planes)"), (Numbers{1}));
}

TEST(TableNames, TakesAllWhereNamesMayBeHidden) {
  const Numbers all = {0, 1, 2, 3, 4};
  EXPECT_EQ(mentioned("SELECT * FROM query_table('fli' || 'ghts')"), all);
  EXPECT_EQ(mentioned("SELECT * FROM query('SELECT 1')"), all);
  EXPECT_EQ(mentioned("SELECT * FROM U&\"\\0066lights\""), all);
}

}  // namespace
}  // namespace sluice::engine_duckdb::internal
