#include "sluice/metastore/database.h"

#include <filesystem>
#include <fstream>

#include "sluice/metastore/tests/scratch_database.h"

namespace sluice::metastore {
namespace {

using base::ErrorKind;

class DatabaseTest : public ScratchDatabase {
 protected:
  void SetUp() override {
    ScratchDatabase::SetUp();
    ASSERT_TRUE(database_->execute("CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER, x REAL)").ok());
  }

  std::int64_t count(Database& database) {
    auto query = database.prepare("SELECT count(*) FROM t");
    EXPECT_TRUE(*query->step());
    return query->get_int(0);
  }
};

TEST_F(DatabaseTest, KeepsWhatWasBound) {
  auto insert = database_->prepare("INSERT INTO t VALUES (?, ?, ?)");
  ASSERT_TRUE(
      insert->bind(1, std::string_view("a'\"")).bind(2, std::int64_t{-7}).bind(3, 0.5).run().ok());
  insert->reset();
  ASSERT_TRUE(insert->bind(1, std::string_view("b"))
                  .bind(2, std::optional<std::int64_t>())
                  .bind_null(3)
                  .run()
                  .ok());
  auto query = database_->prepare("SELECT k, n, x FROM t ORDER BY k");
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->get_text(0), "a'\"");
  EXPECT_EQ(query->get_int(1), -7);
  EXPECT_EQ(query->get_double(2), 0.5);
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->get_int_if(1), std::nullopt);
  EXPECT_TRUE(query->is_null(2));
  EXPECT_FALSE(*query->step());
}

TEST_F(DatabaseTest, TellsAClashFromOtherErrors) {
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES ('a', 1, 1)").ok());
  EXPECT_EQ(database_->execute("INSERT INTO t VALUES ('a', 1, 1)").error().kind,
            ErrorKind::kConflict);
  EXPECT_EQ(database_->prepare("SELECT nope FROM t").error().kind, ErrorKind::kInternal);
  auto insert = database_->prepare("INSERT INTO t VALUES (?, 1, 1)");
  EXPECT_EQ(insert->bind(9, std::int64_t{1}).run().error().kind, ErrorKind::kInternal);
}

TEST_F(DatabaseTest, RollsBackATransactionThatWasNotCommitted) {
  {
    auto transaction = Transaction::begin(*database_);
    ASSERT_TRUE(database_->execute("INSERT INTO t VALUES ('a', 1, 1)").ok());
  }
  EXPECT_EQ(count(*database_), 0);
  auto transaction = Transaction::begin(*database_);
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES ('a', 1, 1)").ok());
  ASSERT_TRUE(transaction->commit().ok());
  EXPECT_EQ(count(*database_), 1);
}

TEST_F(DatabaseTest, LetsOthersReadWhileItWrites) {
  const auto reader = *Database::open(path(), OpenMode::kReadOnly);
  auto transaction = Transaction::begin(*database_);
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES ('a', 1, 1)").ok());
  EXPECT_EQ(count(*reader), 0);
  ASSERT_TRUE(transaction->commit().ok());
  EXPECT_EQ(count(*reader), 1);
  EXPECT_EQ(reader->execute("INSERT INTO t VALUES ('b', 1, 1)").error().kind,
            ErrorKind::kUnauthorized);
}

TEST_F(DatabaseTest, NamesAFileThatIsNoDatabase) {
  const std::string other = root_ + "/other.db";
  std::ofstream(other) << std::string(8192, 'x');
  const auto opened = Database::open(other, OpenMode::kReadWrite);
  EXPECT_EQ(opened.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(opened.error().message.find(other), std::string::npos);
  EXPECT_EQ(Database::open(root_ + "/none.db", OpenMode::kReadOnly).error().kind,
            ErrorKind::kNotFound);
}

TEST_F(DatabaseTest, IsReadAfterItsMakerWasKilledInTheMiddle) {
  // Without a write-ahead log yet, as a new database is: both files as they are in a transaction.
  const std::string path = root_ + "/young.db";
  const std::string killed = root_ + "/killed.db";
  {
    auto young = Database::open(path, OpenMode::kReadWrite);
    ASSERT_TRUE(young.ok());
    ASSERT_TRUE((*young)->execute("PRAGMA journal_mode = DELETE").ok());
    ASSERT_TRUE((*young)->execute("CREATE TABLE t (k TEXT)").ok());
    ASSERT_TRUE((*young)->execute("PRAGMA cache_size = 1; BEGIN IMMEDIATE").ok());
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE((*young)->execute("INSERT INTO t VALUES (hex(randomblob(2000)))").ok());
    }
    std::filesystem::copy_file(path, killed);
    std::filesystem::copy_file(path + "-journal", killed + "-journal");
  }
  auto reader = Database::open(killed, OpenMode::kReadOnly);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ(count(**reader), 0);
}

TEST_F(DatabaseTest, FindsDamage) {
  EXPECT_TRUE(database_->check_integrity().ok());
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(database_
                    ->execute("INSERT INTO t VALUES ('" + std::to_string(i) +
                              "', 1, 'xxxxxxxxxxxxxxxxxxxxxxxx')")
                    .ok());
  }
  database_.reset();
  {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 4 + 100);
    file << std::string(3000, '\x7f');
  }
  const auto opened = Database::open(path(), OpenMode::kReadWrite);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ((*opened)->check_integrity().error().kind, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace sluice::metastore
