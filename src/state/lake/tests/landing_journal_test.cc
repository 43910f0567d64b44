#include "sluice/lake/landing_journal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sluice/lake/catalog.h"
#include "sluice/lake/tests/warehouse_example.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::lake {
namespace {

class LandingJournalTest : public WarehouseTest {
 protected:
  static JournalLine line(std::int64_t seq) {
    JournalLine line;
    line.file.source = "bronze.a";
    line.file.seq = seq;
    line.file.sha256 = "hash" + std::to_string(seq);
    line.file.original_name = "/in/\"a\".csv";
    line.file.raw_path = "/raw/a.csv";
    line.file.bytes = 7;
    return line;
  }
  static JournalLine committed(std::int64_t seq) {
    JournalLine all = line(seq);
    all.file.state = LandedState::kCommitted;
    all.file.counts = RecordCounts{10, 5, 2, 1, 1, 1, 2};
    all.file.commit_id = base::CommitId("c1");
    all.file.raw_sha256 = "other";
    all.file.raw_bytes = 6;
    all.by = base::CommitId("c2");
    return all;
  }
  base::Status land(std::int64_t seq) {
    auto transaction = metastore::Transaction::begin(*lake_.database_);
    const base::Status inserted = insert_raw(*transaction, line(seq).file);
    return inserted ? transaction->commit() : inserted;
  }
  std::string dir() const { return lake_.root_ + "/journal"; }
  std::string path() const { return dir() + "/" + kLandingJournalName; }
};

TEST_F(LandingJournalTest, IsReadAsItWasWritten) {
  LandingJournal journal(*lake_.files_, dir());
  ASSERT_TRUE(journal.catch_up(*lake_.database_, "bronze.a").ok());
  EXPECT_TRUE(LandingJournal::read(*lake_.files_, dir())->empty());
  const std::vector<JournalLine> lines = {line(1), committed(1)};
  ASSERT_TRUE(journal.append(lines).ok());
  EXPECT_EQ(*LandingJournal::read(*lake_.files_, dir()), lines);
}

TEST_F(LandingJournalTest, NotesWhatTheLedgerHasMore) {
  ASSERT_TRUE(land(1).ok());
  ASSERT_TRUE(LandingJournal(*lake_.files_, dir()).catch_up(*lake_.database_, "bronze.a").ok());
  ASSERT_TRUE(land(2).ok());
  ASSERT_TRUE(LandingJournal(*lake_.files_, dir()).catch_up(*lake_.database_, "bronze.a").ok());
  ASSERT_TRUE(LandingJournal(*lake_.files_, dir()).catch_up(*lake_.database_, "bronze.a").ok());
  EXPECT_EQ(*LandingJournal::read(*lake_.files_, dir()),
            (std::vector<JournalLine>{line(1), line(2)}));
}

TEST_F(LandingJournalTest, GoesOnAfterALineThatWasCutShortAtEveryLength) {
  ASSERT_TRUE(land(1).ok());
  ASSERT_TRUE(land(2).ok());
  ASSERT_TRUE(LandingJournal(*lake_.files_, dir()).catch_up(*lake_.database_, "bronze.a").ok());
  const std::string text = *lake_.files_->read_all(path(), 10'000);
  for (std::size_t bytes = 0; bytes < text.size(); bytes += 7) {
    ASSERT_TRUE(lake_.files_->write_atomic(path(), text.substr(0, bytes)).ok());
    ASSERT_TRUE(LandingJournal(*lake_.files_, dir()).catch_up(*lake_.database_, "bronze.a").ok());
    EXPECT_EQ(*lake_.files_->read_all(path(), 10'000), text) << bytes;
  }
}

TEST_F(LandingJournalTest, KnowsTheHighestNumberWhenALineAboutAnOlderFileIsLast) {
  ASSERT_TRUE(land(1).ok());
  ASSERT_TRUE(land(2).ok());
  LandingJournal journal(*lake_.files_, dir());
  ASSERT_TRUE(journal.catch_up(*lake_.database_, "bronze.a").ok());
  const JournalLine older = committed(1);
  ASSERT_TRUE(journal.append({&older, 1}).ok());
  ASSERT_TRUE(LandingJournal(*lake_.files_, dir()).catch_up(*lake_.database_, "bronze.a").ok());
  EXPECT_EQ(LandingJournal::read(*lake_.files_, dir())->size(), 3u);
}

TEST_F(LandingJournalTest, EntersWhatAnOlderLedgerLacks) {
  LandingJournal journal(*lake_.files_, dir());
  ASSERT_TRUE(land(1).ok());
  ASSERT_TRUE(journal.catch_up(*lake_.database_, "bronze.a").ok());
  EXPECT_EQ(*journal.restore_ledger(*lake_.database_, "bronze.a"), 0);
  const std::vector<JournalLine> later = {line(2), line(3), committed(3)};
  ASSERT_TRUE(journal.append(later).ok());
  EXPECT_EQ(*journal.restore_ledger(*lake_.database_, "bronze.a"), 2);
  const auto landed = *list_landed(*lake_.database_, "bronze.a");
  ASSERT_EQ(landed.size(), 3u);
  EXPECT_EQ(landed[2], line(3).file);
}

TEST_F(LandingJournalTest, NamesALineThatIsDamaged) {
  ASSERT_TRUE(lake_.files_->make_dirs(dir()).ok());
  ASSERT_TRUE(lake_.files_->append(path(), "{}\n").ok());
  const auto damaged = LandingJournal::read(*lake_.files_, dir());
  EXPECT_EQ(damaged.error().kind, base::ErrorKind::kCorrupt);
  EXPECT_NE(damaged.error().message.find(path() + ":1"), std::string::npos);
}

}  // namespace
}  // namespace sluice::lake
