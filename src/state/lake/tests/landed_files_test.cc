#include "sluice/lake/landed_files.h"

#include <map>
#include <utility>

#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {

namespace {

using base::ErrorKind;
using metastore::Transaction;

class LandedFilesTest : public WarehouseTest {
 protected:
  static LandedFile file(std::int64_t seq, const std::string& content) {
    LandedFile file;
    file.source = "bronze.a";
    file.seq = seq;
    file.sha256 = content;
    file.original_name = "drop/" + content + ".csv";
    file.raw_path = "raw/" + std::to_string(seq);
    file.bytes = 10;
    file.modified_at_us = 100 + seq;
    file.landed_at_us = 200 + seq;
    return file;
  }

  template <class Change>
  base::Status change(Change change) {
    auto transaction = Transaction::begin(*lake_.database_);
    const base::Status status = change(*transaction);
    return status ? transaction->commit() : status;
  }

  base::Status land(const LandedFile& landed) {
    return change([&](Transaction& transaction) { return insert_raw(transaction, landed); });
  }

  base::Status commit(std::int64_t seq, const RecordCounts& counts) {
    return change([&](Transaction& transaction) {
      return mark_committed(transaction, "bronze.a", seq, counts, base::CommitId("c"));
    });
  }

  base::Status refuse(std::int64_t seq) {
    return change([&](Transaction& transaction) {
      return mark_refused(transaction, "bronze.a", seq, "not a CSV file");
    });
  }

  metastore::Database& db() { return *lake_.database_; }
};

TEST(LandedState, AllowsTheseChangesAlone) {
  using enum LandedState;
  using enum LandedEvent;
  const std::map<std::pair<LandedState, LandedEvent>, LandedState> legal = {
      {{kRaw, kCommit}, kCommitted},
      {{kRaw, kRefuse}, kRefused},
      {{kCommitted, kRollBack}, kRolledBack},
      {{kCommitted, kRewind}, kRaw}};
  for (const LandedState from : {kRaw, kCommitted, kRefused, kRolledBack}) {
    for (const LandedEvent event : {kCommit, kRefuse, kRollBack, kRewind}) {
      const auto next = transition(from, event);
      if (const auto found = legal.find({from, event}); found != legal.end()) {
        EXPECT_EQ(*next, found->second);
      } else {
        EXPECT_EQ(next.error().kind, ErrorKind::kConflict);
      }
    }
  }
}

TEST(LandedState, IsWrittenAndReadAsText) {
  for (const LandedState state : {LandedState::kRaw, LandedState::kCommitted, LandedState::kRefused,
                                  LandedState::kRolledBack}) {
    EXPECT_EQ(*parse_landed_state(to_text(state)), state);
  }
  EXPECT_EQ(parse_landed_state("lost").error().kind, ErrorKind::kCorrupt);
}

TEST_F(LandedFilesTest, NumbersFilesPerSource) {
  const auto next = [&](const char* source) {
    auto transaction = Transaction::begin(db());
    return *next_seq(*transaction, source);
  };
  EXPECT_EQ(next("bronze.a"), 1);
  ASSERT_TRUE(land(file(1, "x")).ok());
  EXPECT_EQ(next("bronze.a"), 2);
  EXPECT_EQ(next("bronze.b"), 1);
  EXPECT_EQ(*list_landed_sources(db()), std::vector<std::string>{"bronze.a"});
}

TEST_F(LandedFilesTest, ReadsBackWhatWasLanded) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  const auto landed = *list_landed(db(), "bronze.a");
  ASSERT_EQ(landed.size(), 1U);
  EXPECT_EQ(landed[0].sha256, "x");
  EXPECT_EQ(landed[0].original_name, "drop/x.csv");
  EXPECT_EQ(landed[0].raw_path, "raw/1");
  EXPECT_EQ(landed[0].bytes, 10);
  EXPECT_EQ(landed[0].modified_at_us, 101);
  EXPECT_EQ(landed[0].landed_at_us, 201);
  EXPECT_EQ(landed[0].state, LandedState::kRaw);
  EXPECT_FALSE(landed[0].counts || landed[0].commit_id);
}

TEST_F(LandedFilesTest, RefusesTheSameNumberOrContentTwice) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  EXPECT_EQ(land(file(1, "y")).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(land(file(2, "x")).error().kind, ErrorKind::kConflict);
  LandedFile elsewhere = file(1, "x");
  elsewhere.source = "bronze.b";
  EXPECT_TRUE(land(elsewhere).ok());
}

TEST_F(LandedFilesTest, LetsEmptyFilesBeEqual) {
  LandedFile first = file(1, "empty");
  first.bytes = 0;
  LandedFile second = first;
  second.seq = 2;
  ASSERT_TRUE(land(first).ok());
  ASSERT_TRUE(land(second).ok());
  EXPECT_FALSE(*find_by_hash(db(), "bronze.a", "empty"));
}

TEST_F(LandedFilesTest, FindsAFileByItsContent) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  EXPECT_EQ((*find_by_hash(db(), "bronze.a", "x"))->seq, 1);
  EXPECT_FALSE(*find_by_hash(db(), "bronze.b", "x"));
  EXPECT_FALSE(*find_by_hash(db(), "bronze.a", "y"));
}

TEST_F(LandedFilesTest, RecordsWhereTheRecordsWent) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  ASSERT_TRUE(land(file(2, "y")).ok());
  const RecordCounts counts{10, 7, 2, 1};
  ASSERT_TRUE(commit(1, counts).ok());
  const auto landed = *list_landed(db(), "bronze.a");
  EXPECT_EQ(landed[0].state, LandedState::kCommitted);
  EXPECT_EQ(landed[0].counts, counts);
  EXPECT_EQ(landed[0].commit_id, base::CommitId("c"));
  const auto pending = *list_pending(db(), "bronze.a");
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].seq, 2);
}

TEST_F(LandedFilesTest, RefusesCountsThatDoNotAddUp) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  for (const RecordCounts& counts : {RecordCounts{10, 7, 2, 0}, RecordCounts{10, 11, -1, 0},
                                     RecordCounts{0, 1, 0, 0}, RecordCounts{-1, -1, 0, 0}}) {
    EXPECT_EQ(commit(1, counts).error().kind, ErrorKind::kInvalidInput);
  }
}

TEST_F(LandedFilesTest, MovesSettledRecordsOutOfQuarantineAndBack) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  ASSERT_TRUE(commit(1, {10, 5, 4, 1}).ok());
  const auto settle = [&](std::int64_t replayed, std::int64_t waived) {
    return change([&](Transaction& transaction) {
      return mark_settled(transaction, "bronze.a", 1, {replayed, waived});
    });
  };
  const auto counts = [&] { return *(*list_landed(db(), "bronze.a"))[0].counts; };
  ASSERT_TRUE(settle(1, 2).ok());
  EXPECT_EQ(counts(), (RecordCounts{10, 6, 1, 3, 1, 2}));
  EXPECT_EQ(settle(1, 1).error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(settle(0, -2).ok());
  EXPECT_EQ(counts(), (RecordCounts{10, 6, 3, 1, 1, 0}));
  EXPECT_EQ(settle(0, -1).error().kind, ErrorKind::kConflict) << "the settings dropped that one";
  EXPECT_EQ(change([&](Transaction& transaction) {
              return mark_settled(transaction, "bronze.a", 2, {0, 0});
            })
                .error()
                .kind,
            ErrorKind::kConflict);
}

TEST_F(LandedFilesTest, WritesAFileAsItStandsAndTakesItsCountsBack) {
  LandedFile whole = file(3, "x");
  whole.state = LandedState::kCommitted;
  whole.counts = RecordCounts{10, 5, 2, 1, 1, 1, 2};
  whole.commit_id = base::CommitId("c");
  whole.raw_sha256 = "less";
  whole.raw_bytes = 9;
  auto transaction = Transaction::begin(db());
  ASSERT_TRUE(put_landed(*transaction, whole).ok());
  ASSERT_TRUE(transaction->commit().ok());
  EXPECT_EQ(list_landed(db(), "bronze.a")->front(), whole);
  EXPECT_TRUE(list_landed(db(), "bronze.a", 3)->empty());
  for (const bool again : {false, true}) {
    auto taken = Transaction::begin(db());
    ASSERT_TRUE(mark_rolled_back(*taken, "bronze.a", 3, again).ok());
    const LandedFile back = list_landed(taken->database(), "bronze.a")->front();
    EXPECT_EQ(back.state, again ? LandedState::kRaw : LandedState::kRolledBack);
    EXPECT_FALSE(back.counts);
    EXPECT_FALSE(back.commit_id);
  }
}

TEST_F(LandedFilesTest, FinishesAFileOnce) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  ASSERT_TRUE(land(file(2, "y")).ok());
  ASSERT_TRUE(commit(1, {}).ok());
  ASSERT_TRUE(refuse(2).ok());
  EXPECT_EQ((*list_landed(db(), "bronze.a"))[1].reason, "not a CSV file");
  for (const std::int64_t seq : {1, 2}) {
    EXPECT_EQ(commit(seq, {}).error().kind, ErrorKind::kConflict);
    EXPECT_EQ(refuse(seq).error().kind, ErrorKind::kConflict);
  }
  EXPECT_EQ(commit(3, {}).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(list_pending(db(), "bronze.a")->empty());
}

TEST_F(LandedFilesTest, KnowsFilesThatWereLandedOrSkipped) {
  ASSERT_TRUE(land(file(1, "x")).ok());
  const SkippedFile skipped{"bronze.a", "drop/again.csv", "x", 1, 10, 500, 600};
  ASSERT_TRUE(change([&](Transaction& t) { return insert_skipped(t, skipped); }).ok());
  EXPECT_TRUE(*is_known(db(), "bronze.a", "drop/x.csv", 10, 101));
  EXPECT_TRUE(*is_known(db(), "bronze.a", "drop/again.csv", 10, 500));
  EXPECT_FALSE(*is_known(db(), "bronze.a", "drop/x.csv", 11, 101));
  EXPECT_FALSE(*is_known(db(), "bronze.a", "drop/x.csv", 10, 102));
  EXPECT_FALSE(*is_known(db(), "bronze.a", "drop/y.csv", 10, 101));
  EXPECT_FALSE(*is_known(db(), "bronze.b", "drop/x.csv", 10, 101));
}

TEST_F(LandedFilesTest, RecordsASkippedFileOnceAndItsNewTime) {
  SkippedFile skipped{"bronze.a", "drop/again.csv", "x", 1, 10, 500, 600};
  ASSERT_TRUE(change([&](Transaction& t) { return insert_skipped(t, skipped); }).ok());
  skipped.modified_at_us = 700;
  skipped.at_us = 800;
  ASSERT_TRUE(change([&](Transaction& t) { return insert_skipped(t, skipped); }).ok());
  const auto listed = *list_skipped(db(), "bronze.a");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].modified_at_us, 700);
  EXPECT_EQ(listed[0].at_us, 600);
  EXPECT_EQ(listed[0].first_seq, 1);
  EXPECT_TRUE(*is_known(db(), "bronze.a", "drop/again.csv", 10, 700));
}

TEST_F(LandedFilesTest, KeepsTheFirstLineageOfASource) {
  EXPECT_FALSE(*find_lineage(db(), "bronze.a"));
  std::vector<std::string> ids;
  for (const char* fresh : {"one", "two"}) {
    auto transaction = Transaction::begin(db());
    ids.push_back(*lineage(*transaction, "bronze.a", fresh));
    ASSERT_TRUE(transaction->commit().ok());
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"one", "one"}));
  EXPECT_EQ(*find_lineage(db(), "bronze.a"), "one");
}

}  // namespace

}  // namespace sluice::lake
