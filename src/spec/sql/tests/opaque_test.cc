#include "sluice/sql/opaque.h"

#include <gtest/gtest.h>

namespace sluice::sql {
namespace {

TEST(Opaque, FindsClocksByTheirWords) {
  const auto problems = opaque_problems("PIVOT a ON b USING max(now ( ))");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].offset, 23);
  EXPECT_EQ(opaque_problems("SELECT Current_Date").size(), 1u);
  EXPECT_EQ(opaque_problems("FROM read_csv('x')").size(), 1u);
}

TEST(Opaque, LooksPastQuotesAndComments) {
  EXPECT_TRUE(
      opaque_problems("SELECT 'now()', \"now\" -- now()\n /* random() */ FROM a.b").empty());
  EXPECT_TRUE(opaque_problems("SELECT now, knows(1) FROM a.b").empty());
  EXPECT_TRUE(opaque_problems("SELECT 'open").empty());
}

}  // namespace
}  // namespace sluice::sql
