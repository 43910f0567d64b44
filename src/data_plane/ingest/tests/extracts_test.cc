#include "sluice/ingest/extracts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/base/clock.h"

namespace sluice::ingest {
namespace {

using testing::HasSubstr;

project::Source orders() {
  project::Source source;
  source.table = "bronze.orders";
  source.file = "sources/orders.yaml";
  source.database = project::DatabaseTable{};
  source.database->connection = "postgresql://app:${PASSWORD}@localhost/shop";
  source.database->table = "public.orders";
  source.database->table_mark = {4, 8};
  source.database->cursor = "updated_at";
  source.database->cursor_mark = {5, 9};
  return source;
}

class Extracts : public testing::Test {
 protected:
  Extracts()
      : database_(*metastore::Database::open(testing::TempDir() + "extracts_test.db",
                                             metastore::OpenMode::kReadWrite)) {
    EXPECT_TRUE(
        metastore::migrate(*database_, extract_migrations(), "test", base::ManualClock({0})).ok());
    EXPECT_TRUE(database_->execute("DELETE FROM extracts").ok());
  }

  void insert(const ExtractPosition& position) {
    auto transaction = metastore::Transaction::begin(*database_);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(insert_extract(*transaction, "bronze.orders", position).ok());
    ASSERT_TRUE(transaction->commit().ok());
  }

  std::unique_ptr<metastore::Database> database_;
};

TEST_F(Extracts, ASourceThatWasNeverReadHasNoPosition) {
  const auto last = last_extract(*database_, "bronze.orders");
  ASSERT_TRUE(last.ok());
  EXPECT_FALSE(last->has_value());
}

TEST_F(Extracts, TheNewestExtractIsThePosition) {
  insert({1, "postgresql:shop/5/16402", "updated_at", "'2026-01-01'"});
  insert({2, "postgresql:shop/5/16402", "updated_at", "'2026-01-02'"});
  const auto last = last_extract(*database_, "bronze.orders");
  ASSERT_TRUE(last.ok() && last->has_value());
  EXPECT_EQ((*last)->seq, 2);
  EXPECT_EQ((*last)->upto, "'2026-01-02'");
  const auto first = extract_of_file(*database_, "bronze.orders", 1);
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ(to_text(**first), "updated_at <= '2026-01-01' of postgresql:shop/5/16402");
}

TEST_F(Extracts, OtherSourcesHaveTheirOwn) {
  insert({1, "sqlite:orders", "id", "7"});
  const auto last = last_extract(*database_, "bronze.customers");
  ASSERT_TRUE(last.ok());
  EXPECT_FALSE(last->has_value());
}

TEST(ExtractRequest, GoesOnWhereTheLastOneEnded) {
  const auto job = extract_request(
      orders(), {project::DatabaseKind::kPostgres, "postgresql://app:pw@localhost/shop", {"pw"}},
      ExtractPosition{3, "postgresql:shop/5/1", "updated_at", "'x'"});
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->after, "'x'");
  EXPECT_EQ(job->identity, "postgresql:shop/5/1");
  EXPECT_EQ(job->place, "sources/orders.yaml:4:8");
}

TEST(ExtractRequest, RefusesAPositionInAnotherColumn) {
  const auto job =
      extract_request(orders(), {}, ExtractPosition{3, "postgresql:shop/5/1", "id", "42"});
  ASSERT_FALSE(job.ok());
  EXPECT_EQ(job.error().kind, base::ErrorKind::kConflict);
  EXPECT_THAT(job.error().message, HasSubstr("sources/orders.yaml:5:9: the cursor was 'id'"));
}

TEST(ExtractRequest, ATableThatWasReadInFullHasNoCursor) {
  project::Source source = orders();
  source.database->cursor.clear();
  source.database->snapshot_key = {"id"};
  const auto job =
      extract_request(source, {}, ExtractPosition{3, "postgresql:shop/5/1", "updated_at", "42"});
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(job.error().message, HasSubstr("taken by the cursor 'updated_at' up to now"));
  EXPECT_EQ(extract_name(source, "", ""), "public.orders, rows that are new or changed");
}

TEST(ExtractName, SaysHowFarBehindTheCursorItLooks) {
  project::Source source = orders();
  source.database->lag = project::CursorLag{600'000, true, "10m"};
  EXPECT_EQ(extract_name(source, "'a'", "'b'"),
            "public.orders where updated_at > 'a' - 10m and <= 'b'");
}

TEST(ExtractName, SaysWhichPartOfTheTableItHas) {
  EXPECT_EQ(extract_name(orders(), "", "'b'"), "public.orders where updated_at <= 'b'");
  EXPECT_EQ(extract_name(orders(), "'a'", "'b'"),
            "public.orders where updated_at > 'a' and <= 'b'");
}

}  // namespace
}  // namespace sluice::ingest
