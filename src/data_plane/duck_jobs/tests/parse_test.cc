#include "sluice/duck_jobs/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::duck_jobs {
namespace {

using testing::HasSubstr;

job::ParsedSql parse(const std::string& sql) {
  auto result = run_parse({{sql}}, {}, {});
  EXPECT_TRUE(result.ok());
  return result->statements[0];
}

TEST(Parse, GivesTheTreeOfASelect) {
  const job::ParsedSql parsed = parse("SELECT a, sum(b) FROM s.t GROUP BY ALL");
  EXPECT_THAT(parsed.tree, HasSubstr("\"SELECT_NODE\""));
  EXPECT_EQ(parsed.error, "");
}

TEST(Parse, NamesTheByteOfASyntaxError) {
  const job::ParsedSql parsed = parse("SELECT 'ä', FROM WHERE");
  EXPECT_EQ(parsed.tree, "");
  EXPECT_THAT(parsed.error, HasSubstr("syntax error"));
  EXPECT_EQ(parsed.error_offset, 18);
}

TEST(Parse, RefusesWhatIsNoSingleSelect) {
  for (const char* sql : {"", "-- nothing", "SELECT 1; SELECT 2", "CREATE TABLE t (i INT)",
                          "SET a = 1", "COPY (SELECT 1) TO 'x'"}) {
    const job::ParsedSql parsed = parse(sql);
    EXPECT_EQ(parsed.tree, "") << sql;
    EXPECT_NE(parsed.error, "") << sql;
  }
}

TEST(Parse, RefusesWhatIsNoTextAtItsByte) {
  for (const std::string_view sql :
       {std::string_view("SELECT '\xFF'"), std::string_view("SELECT 'a\0'", 11)}) {
    const job::ParsedSql parsed = parse(std::string(sql));
    EXPECT_EQ(parsed.tree, "");
    EXPECT_THAT(parsed.error, HasSubstr("not UTF-8"));
    EXPECT_EQ(parsed.error_offset, sql.find_first_of(std::string_view("\xFF\0", 2)));
  }
}

TEST(Parse, AStatementThatDoesNotBindStillHasATree) {
  EXPECT_NE(parse("SELECT nosuch FROM nowhere").tree, "");
}

TEST(Parse, KeepsTheOrderOfStatements) {
  const auto result = run_parse({{"SELECT 1", "SELECT FROM", "SELECT 2"}}, {}, {});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->statements.size(), 3u);
  EXPECT_NE(result->statements[0].tree, "");
  EXPECT_NE(result->statements[1].error, "");
  EXPECT_NE(result->statements[2].tree, "");
}

}  // namespace
}  // namespace sluice::duck_jobs
