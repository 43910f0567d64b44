#include "sluice/lake/commit_ledger.h"

#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

class CommitLedgerTest : public WarehouseTest {
 protected:
  base::Status insert(const LedgerEntry& entry) {
    auto transaction = metastore::Transaction::begin(*lake_.database_);
    SLUICE_RETURN_IF_ERROR(insert_ledger_entry(*transaction, entry));
    return transaction->commit();
  }

  const TableName a_{"bronze", "a"};
  const TableName b_{"bronze", "b"};
  const LedgerEntry first_{base::CommitId("1"),
                           "h1",
                           {{a_, "file:///a/0", std::nullopt, 0}, {b_, "file:///b/0", 77, 0}},
                           10};
  const LedgerEntry second_{base::CommitId("2"), "h2", {{b_, "file:///b/1", 78, 1}}, 11};
};

TEST_F(CommitLedgerTest, RemembersWhatACommitDid) {
  ASSERT_TRUE(insert(first_).ok());
  const auto found = find_ledger_entry(*lake_.database_, first_.id);
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->tables, first_.tables);
  EXPECT_EQ((*found)->request_hash, "h1");
  EXPECT_EQ((*found)->committed_at_us, 10);
  EXPECT_FALSE(find_ledger_entry(*lake_.database_, second_.id)->has_value());
}

TEST_F(CommitLedgerTest, ListsATablesCommitsInOrder) {
  ASSERT_TRUE(insert(first_).ok());
  ASSERT_TRUE(insert(second_).ok());
  const auto all = list_table_commits(*lake_.database_, b_);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].tables, (std::vector<TableCommit>{first_.tables[1]}));
  EXPECT_EQ((*all)[1].id, second_.id);
  EXPECT_EQ(list_table_commits(*lake_.database_, b_, 1)->size(), 1u);
  EXPECT_EQ(list_table_commits(*lake_.database_, a_)->size(), 1u);
}

TEST_F(CommitLedgerTest, TakesEachIdAndEachVersionOnce) {
  ASSERT_TRUE(insert(first_).ok());
  LedgerEntry clash = second_;
  clash.id = first_.id;
  EXPECT_EQ(insert(clash).error().kind, base::ErrorKind::kConflict);
  clash = second_;
  clash.tables[0].version = 0;
  EXPECT_EQ(insert(clash).error().kind, base::ErrorKind::kConflict);
  EXPECT_FALSE(find_ledger_entry(*lake_.database_, second_.id)->has_value()) << "rolled back";
}

TEST_F(CommitLedgerTest, NamesARowThatIsDamaged) {
  ASSERT_TRUE(insert(first_).ok());
  ASSERT_TRUE(lake_.database_->execute("UPDATE commit_ledger SET response = '{}'").ok());
  const auto damaged = find_ledger_entry(*lake_.database_, first_.id);
  EXPECT_EQ(damaged.error().kind, base::ErrorKind::kCorrupt);
  EXPECT_NE(damaged.error().message.find("commit 1"), std::string::npos);
}

}  // namespace
}  // namespace sluice::lake
