#include <gmock/gmock.h>

#include "sluice/data/position.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/table_audit.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {

namespace {

using metastore::Transaction;

const TableName kQuarantine{"quarantine", "bronze_a"};

/// A source `bronze.a` whose files have 10 records: 7 for the table, 2 for quarantine, 1 waived.
class SourceAuditTest : public WarehouseTest {
 protected:
  void SetUp() override {
    lake_.create();
    ASSERT_TRUE(lake_.commit("q", lake_.creation(kQuarantine)).ok());
  }

  void land(std::int64_t seq) {
    LandedFile file;
    file.source = "bronze.a";
    file.seq = seq;
    file.sha256 = std::to_string(seq);
    file.bytes = 10;
    auto transaction = Transaction::begin(*lake_.database_);
    ASSERT_TRUE(insert_raw(*transaction, file).ok());
    ASSERT_TRUE(lineage(*transaction, "bronze.a", "ledger").ok());
    ASSERT_TRUE(transaction->commit().ok());
  }

  void commit(std::int64_t seq, const RecordCounts& counts = {10, 7, 2, 1}) {
    const std::string name = "f" + std::to_string(seq);
    TableChange rows = lake_.change(Write::kAppend, {lake_.stage(name, 7)});
    rows.set_properties["sluice.pos.bronze.a"] = data::to_text(data::Position{"ledger", seq});
    CommitRequest request = Warehouse::request(name, rows);
    request.changes.push_back(
        lake_.change(Write::kAppend, {lake_.stage(name, 2, 0, 9, kQuarantine)}, kQuarantine));
    request.in_transaction = [&](Transaction& transaction) {
      return mark_committed(transaction, "bronze.a", seq, counts, request.id);
    };
    const auto done = lake_.catalog_->commit(request);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  std::vector<std::string> problems() {
    const auto findings =
        audit_source(*lake_.catalog_, {"bronze.a", Warehouse::name(), kQuarantine});
    EXPECT_TRUE(findings.ok());
    std::vector<std::string> problems;
    for (const Finding& finding : *findings) {
      EXPECT_EQ(finding.subject, "bronze.a");
      problems.push_back(finding.problem);
    }
    return problems;
  }

  void sql(const std::string& text) { ASSERT_TRUE(lake_.database_->execute(text).ok()); }
};

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SourceAuditTest, FindsNothingWrongWhenAllRecordsAreAccountedFor) {
  EXPECT_THAT(problems(), IsEmpty());
  land(1);
  land(2);
  commit(1);
  commit(2);
  land(3);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(SourceAuditTest, AllowsRefusedFilesOnBothSidesOfThePosition) {
  for (const std::int64_t seq : {1, 2, 3}) {
    land(seq);
  }
  auto transaction = Transaction::begin(*lake_.database_);
  ASSERT_TRUE(mark_refused(*transaction, "bronze.a", 1, "bad").ok());
  ASSERT_TRUE(mark_refused(*transaction, "bronze.a", 3, "bad").ok());
  ASSERT_TRUE(transaction->commit().ok());
  commit(2);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(SourceAuditTest, FindsRowsThatTheTablesDoNotHave) {
  land(1);
  commit(1, {10, 8, 1, 1});
  EXPECT_THAT(problems(),
              ElementsAre("bronze.a has 7 rows, but the landed files have 8 committed records",
                          "quarantine.bronze_a has 2 rows, but the landed files have 1 quarantined "
                          "records"));
}

TEST_F(SourceAuditTest, FindsRecordsThatAreNotAccountedFor) {
  land(1);
  commit(1);
  sql("UPDATE landed_files SET records = 11");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("has 11 records, of which 10 are accounted for")));
}

TEST_F(SourceAuditTest, FindsAFileWithoutItsCommit) {
  land(1);
  commit(1);
  sql("UPDATE landed_files SET commit_id = 'unknown'");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("of commit unknown")));
  sql("UPDATE landed_files SET commit_id = 'q'");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the commit ledger lacks for bronze.a")));
  sql("UPDATE landed_files SET commit_id = NULL");
  EXPECT_THAT(problems(), Contains(HasSubstr("its commit are not recorded")));
}

TEST_F(SourceAuditTest, FindsAFileThatThePositionHasPassed) {
  land(1);
  land(2);
  commit(2);
  EXPECT_THAT(problems(), ElementsAre("the position is 2, but landed file 1 is still to be read"));
}

TEST_F(SourceAuditTest, FindsACommittedFileBehindThePosition) {
  land(1);
  commit(1);
  sql("UPDATE landed_files SET seq = 2");
  EXPECT_THAT(problems(), Contains("the position is 1, but landed file 2 is committed"));
}

TEST_F(SourceAuditTest, FindsAPositionOfFilesThatWereLost) {
  land(1);
  land(2);
  commit(1);
  commit(2);
  sql("DELETE FROM landed_files WHERE seq = 1");
  EXPECT_THAT(problems(), Contains("landed files 1 to 1 are not in the ledger"));
  sql("DELETE FROM landed_files");
  EXPECT_THAT(problems(), Contains("the position is 2, but the last landed file is 0"));
}

TEST_F(SourceAuditTest, FindsALedgerThatIsAnotherOne) {
  land(1);
  commit(1);
  sql("UPDATE landing_ledgers SET lineage = 'younger'");
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("'ledger', the ledger of landed files is 'younger'")));
}

TEST_F(SourceAuditTest, FindsCommittedFilesWithoutATable) {
  land(1);
  commit(1);
  sql("DELETE FROM lake_tables");
  EXPECT_THAT(problems(), Contains("the position is 0, but landed file 1 is committed"));
}

}  // namespace

}  // namespace sluice::lake
