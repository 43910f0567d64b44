#include "sluice/metastore/backup.h"

#include <filesystem>
#include <fstream>

#include "sluice/metastore/tests/scratch_database.h"

namespace sluice::metastore {
namespace {

using base::ErrorKind;

class BackupTest : public ScratchDatabase {
 protected:
  void SetUp() override {
    ScratchDatabase::SetUp();
    ASSERT_TRUE(database_->execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)").ok());
    copy_ = database_->path() + ".backup";
  }

  static std::int64_t rows(const std::string& path) {
    const auto database = Database::open(path, OpenMode::kReadOnly);
    auto query = (*database)->prepare("SELECT count(*) FROM t");
    EXPECT_TRUE(*query->step());
    return query->get_int(0);
  }

  std::string copy_;
};

TEST_F(BackupTest, IsOneFileOfTheMomentWhileSomebodyWrites) {
  auto transaction = Transaction::begin(*database_);
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES (2)").ok());
  ASSERT_TRUE(back_up(database_->path(), copy_).ok());
  ASSERT_TRUE(transaction->commit().ok());
  EXPECT_EQ(rows(copy_), 1);
  EXPECT_EQ(rows(database_->path()), 2);
  EXPECT_FALSE(std::filesystem::exists(copy_ + "-wal"));
  EXPECT_EQ(back_up(database_->path(), copy_).error().kind, ErrorKind::kAlreadyExists);
}

TEST_F(BackupTest, ReplacesTheWholeContent) {
  ASSERT_TRUE(back_up(database_->path(), copy_).ok());
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES (2); CREATE TABLE u (n INTEGER)").ok());
  ASSERT_TRUE(replace_content(copy_, database_->path()).ok());
  EXPECT_EQ(rows(database_->path()), 1);
  const auto fresh = Database::open(database_->path(), OpenMode::kReadOnly);
  EXPECT_FALSE((*fresh)->prepare("SELECT * FROM u").ok());
}

TEST_F(BackupTest, RefusesWhatIsNoDatabase) {
  const std::string path = database_->path() + ".text";
  std::ofstream(path) << "not a database, but longer than the header of one: "
                      << std::string(200, 'x');
  EXPECT_EQ(replace_content(path, database_->path()).error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(rows(database_->path()), 1);
  EXPECT_EQ(back_up(path + ".none", copy_).error().kind, ErrorKind::kNotFound);
  const auto aside = set_aside(path, ".broken");
  ASSERT_TRUE(aside.ok());
  EXPECT_TRUE(std::filesystem::exists(*aside));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace sluice::metastore
