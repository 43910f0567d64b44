#include "sluice/quality/quality_store.h"

#include <gtest/gtest.h>

namespace sluice::quality {
namespace {

TEST(QualityStore, KeepsEachJudgement) {
  const auto database = *metastore::Database::open(":memory:", metastore::OpenMode::kReadWrite);
  ASSERT_TRUE(
      metastore::migrate(*database, quality_migrations(), "test", base::ManualClock({0})).ok());
  Verdict verdict;
  verdict.results = {{"key(day)", contract::Severity::kError, 3, false, {}, "", ""},
                     {"range(delay)", contract::Severity::kWarning, 0, true, 2.5, "< 3", "x"}};
  ASSERT_TRUE(record_results(*database, base::RunId("r1"), "gold.a", verdict, {5}).ok());
  auto query = database->prepare(
      "SELECT expectation, severity, violations, passed, measured, threshold FROM quality_results "
      "ORDER BY expectation");
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->get_text(0), "key(day)");
  EXPECT_EQ(query->get_text(1), "error");
  EXPECT_EQ(query->get_int(2), 3);
  EXPECT_EQ(query->get_int(3), 0);
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->get_int(3), 1);
  EXPECT_EQ(query->get_text(4), "2.5");
  EXPECT_EQ(query->get_text(5), "< 3");
  EXPECT_FALSE(record_results(*database, base::RunId("r1"), "gold.a", verdict, {5}).ok());
}

}  // namespace
}  // namespace sluice::quality
