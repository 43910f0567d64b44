#include "sluice/sql/variables.h"

#include <gtest/gtest.h>

namespace sluice::sql {
namespace {

BoundStatement bound_in(std::string_view sql) {
  return bind_variables(sql,
                        [](std::string_view name) {
                          return name == "since" ? std::optional<std::string>("DATE '2013-01-01'")
                                                 : std::nullopt;
                        },
                        {"since"});
}

TEST(Variables, BecomeValues) {
  const BoundStatement bound =
      bound_in("SELECT getvariable('since') AS a, GETVARIABLE ( 'since' )");
  EXPECT_EQ(bound.sql, "SELECT DATE '2013-01-01' AS a, DATE '2013-01-01'");
  EXPECT_EQ(bound.used, std::vector<std::string>{"since"});
  EXPECT_TRUE(bound.problems.empty());
}

TEST(Variables, AreNotLookedForInQuotesAndComments) {
  const std::string sql =
      "SELECT 'getvariable(''since'')', \"getvariable('since')\" -- getvariable('since')\n"
      "/* getvariable('since') */, $$getvariable('since')$$, E'\\'getvariable(' , getvariable";
  EXPECT_EQ(bound_in(sql).sql, sql);
}

TEST(Variables, KeepPlaces) {
  const std::string sql = "SELECT getvariable('since'), oops, getvariable('since'), ouch";
  const BoundStatement bound = bound_in(sql);
  const auto place = [](std::string_view text, std::string_view word) {
    return static_cast<std::int64_t>(text.find(word));
  };
  for (const char* word : {"SELECT", "oops", "ouch"}) {
    EXPECT_EQ(bound.as_written(place(bound.sql, word)), place(sql, word));
  }
  EXPECT_EQ(bound.as_written(place(bound.sql, "2013")), place(sql, "getvariable"));
  EXPECT_EQ(bound.as_written(-1), -1);
}

TEST(Variables, AreRefusedByName) {
  const BoundStatement bound = bound_in("SELECT getvariable('sinse'), getvariable(since)");
  ASSERT_EQ(bound.problems.size(), 2u);
  EXPECT_EQ(bound.problems[0].offset, 7);
  EXPECT_EQ(bound.problems[0].message, "there is no variable 'sinse'; did you mean 'since'?");
  EXPECT_EQ(bound.problems[1].message, "getvariable takes a variable's name in quotes");
}

}  // namespace
}  // namespace sluice::sql
