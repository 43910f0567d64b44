#include "sluice/sql/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sluice/sql/tests/trees.h"

namespace sluice::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> tables_of(const char* tree) {
  const auto query = read_query(tree);
  EXPECT_TRUE(query.ok()) << query.error().message;
  std::vector<std::string> names;
  for (const TableReference& table : query->tables) {
    names.push_back(table.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Query, ListsEveryTableOnce) {
  EXPECT_THAT(tables_of(trees::kJoined), ElementsAre("c.d", "silver.a", "silver.b"));
  EXPECT_THAT(tables_of(trees::kWindows), ElementsAre("silver.a"));
}

TEST(Query, ResolvesCommonTableExpressionsInTheirScope) {
  EXPECT_THAT(tables_of(trees::kCtes), ElementsAre("bronze.x"));
  EXPECT_THAT(tables_of(trees::kCteScope), ElementsAre("bronze.x", "t"));
  EXPECT_THAT(tables_of(trees::kRecursive), IsEmpty());
}

TEST(Query, HasAFingerprintThatIgnoresLayout) {
  EXPECT_EQ(read_query(trees::kJoined)->fingerprint,
            read_query(trees::kJoinedOtherLayout)->fingerprint);
  EXPECT_NE(read_query(trees::kJoined)->fingerprint, read_query(trees::kCtes)->fingerprint);
}

TEST(Query, KnowsWhereATableStands) {
  const auto query = read_query(trees::kUnqualified);
  ASSERT_EQ(query->tables.size(), 1u);
  EXPECT_EQ(query->tables[0].offset, 14);
}

TEST(Query, RefusesWhatIsNotOneSelect) {
  EXPECT_EQ(read_query(trees::kSeveral).error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(read_query(trees::kNotSelect).error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(read_query(trees::kDescribe).error().kind, base::ErrorKind::kUnsupported);
  EXPECT_EQ(read_query("{").error().kind, base::ErrorKind::kCorrupt);
}

TEST(ModelProblems, NameClocksChanceAndFilesWithTheirPlace) {
  const auto query = read_query(trees::kImpure);
  ASSERT_TRUE(query.ok());
  const auto problems = model_problems(*query);
  ASSERT_EQ(problems.size(), 4u);
  std::string all;
  for (const Problem& problem : problems) {
    EXPECT_GE(problem.offset, 0);
    all += problem.message + "\n";
  }
  EXPECT_THAT(all, HasSubstr("now depends on when"));
  EXPECT_THAT(all, HasSubstr("current_date depends on when"));
  EXPECT_THAT(all, HasSubstr("random gives other rows"));
  EXPECT_THAT(all, HasSubstr("read_csv reads outside"));
}

TEST(ModelProblems, AskForANamespace) {
  EXPECT_THAT(model_problems(*read_query(trees::kUnqualified))[0].message,
              HasSubstr("'orders' must be written as namespace.name"));
  EXPECT_THAT(model_problems(*read_query(trees::kWindows)), IsEmpty());
}

}  // namespace
}  // namespace sluice::sql
