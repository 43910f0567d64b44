#include "sluice/metastore/traceless_read.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace sluice::metastore {
namespace {

class TracelessReadTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sluice traceless?%23-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    path_ = root_ + "/metastore.db";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  /// Names, sizes and times of everything in the folder.
  std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>> folder() {
    std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>> found;
    for (const auto& entry : std::filesystem::directory_iterator(root_)) {
      found[entry.path().filename()] = {entry.file_size(), entry.last_write_time()};
    }
    return found;
  }

  std::int64_t count() {
    std::int64_t rows = -1;
    const auto done = read_traceless(path_, [&](Database& database) -> base::Status {
      SLUICE_ASSIGN_OR_RETURN(auto query, database.prepare("SELECT count(*) FROM t"));
      SLUICE_RETURN_IF_ERROR(query.step());
      rows = query.get_int(0);
      return {};
    });
    EXPECT_TRUE(done.ok()) << done.error().message;
    return rows;
  }

  std::unique_ptr<Database> writer() { return *Database::open(path_, OpenMode::kReadWrite); }

  std::string root_;
  std::string path_;
};

TEST_F(TracelessReadTest, ReadsWhatTheLastFrontLeftAndMakesNoFile) {
  ASSERT_TRUE(writer()->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)").ok());
  const auto before = folder();
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(folder(), before);
}

TEST_F(TracelessReadTest, ReadsBesideAFrontWhatItCommitted) {
  const auto front = writer();
  ASSERT_TRUE(front->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)").ok());
  const auto before = folder();
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(folder(), before);
  ASSERT_TRUE(front->execute("INSERT INTO t VALUES (2)").ok());
  EXPECT_EQ(count(), 2);
}

TEST_F(TracelessReadTest, ReadsTheLogOfAFrontThatDied) {
  const std::string living = root_ + "-living";
  std::filesystem::create_directory(living);
  {
    const auto front = *Database::open(living + "/metastore.db", OpenMode::kReadWrite);
    ASSERT_TRUE(front->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)").ok());
    for (const auto& entry : std::filesystem::directory_iterator(living)) {
      std::filesystem::copy(entry.path(), root_);  // as a crash leaves them: the log stays
    }
  }
  std::filesystem::remove_all(living);
  const auto before = folder();
  ASSERT_TRUE(before.contains("metastore.db-wal"));
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(folder(), before);
}

TEST_F(TracelessReadTest, ReadsAgainWhenAFrontBeganMeanwhile) {
  ASSERT_TRUE(writer()->execute("CREATE TABLE t (x)").ok());
  int reads = 0;
  std::int64_t rows = -1;
  const auto done = read_traceless(path_, [&](Database& database) -> base::Status {
    if (reads++ == 0) {
      EXPECT_TRUE(writer()->execute("INSERT INTO t VALUES (1)").ok());
    }
    SLUICE_ASSIGN_OR_RETURN(auto query, database.prepare("SELECT count(*) FROM t"));
    SLUICE_RETURN_IF_ERROR(query.step());
    rows = query.get_int(0);
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(rows, 1);
}

TEST_F(TracelessReadTest, SaysThatThereIsNone) {
  const auto done = read_traceless(path_, [](Database&) { return base::Status(); });
  EXPECT_EQ(done.error().kind, base::ErrorKind::kNotFound);
  EXPECT_TRUE(folder().empty());
}

}  // namespace
}  // namespace sluice::metastore
