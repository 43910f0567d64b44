#include "sluice/sql/typed_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::sql {
namespace {

using testing::HasSubstr;

TEST(TypedQuery, LeavesQueriesAsTheyAre) {
  for (const char* query : {"SELECT 1", "  FROM t; ", "WITH a AS (SELECT 1) FROM a", "VALUES (1)",
                            "(SELECT 1)", "-- DROP it\nSELECT 1", "describes", ""}) {
    EXPECT_EQ(*typed_query(query), query);
  }
}

TEST(TypedQuery, MakesAQueryOfDescribeAndSummarize) {
  EXPECT_EQ(*typed_query("describe gold.t;"), "FROM (describe gold.t\n)");
  EXPECT_EQ(*typed_query("/* all */ SUMMARIZE SELECT ';' AS a FROM t -- so\n;\n"),
            "FROM (SUMMARIZE SELECT ';' AS a FROM t -- so\n\n)");
}

TEST(TypedQuery, LeavesTwoStatementsToTheParser) {
  EXPECT_EQ(*typed_query("DESCRIBE t; SELECT 1"), "DESCRIBE t; SELECT 1");
}

TEST(TypedQuery, RefusesWhatChangesSomething) {
  const auto refused = typed_query("\n insert INTO t VALUES (1)");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kUnsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("INSERT is no query"));
}

TEST(TypedQuery, NamesTheCommandThatShowsIt) {
  EXPECT_THAT(typed_query("SHOW TABLES").error().message, HasSubstr("sluice status"));
  EXPECT_THAT(typed_query("explain select 1").error().message, HasSubstr("sluice plan"));
}

}  // namespace
}  // namespace sluice::sql
