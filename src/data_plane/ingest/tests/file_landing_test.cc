#include "sluice/ingest/file_landing.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sluice/lake/catalog.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::ingest {
namespace {

class FileLandingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-land-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ + "/in");
    files_ = storage::make_local_file_io();
    database_ = *metastore::Database::open(root_ + "/m.db", metastore::OpenMode::kReadWrite);
    ASSERT_TRUE(
        metastore::migrate(*database_, lake::catalog_migrations(), "test", base::SystemClock())
            .ok());
    source_.table = "bronze.a";
    source_.path = root_ + "/in/*.csv";
    clock_.set({base::SystemClock().now().us + 60'000'000});
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(root_);
  }

  void drop(const std::string& name, const std::string& text) {
    std::ofstream(root_ + "/in/" + name) << text;
  }

  LandingReport land() {
    FileLanding landing(*files_, *database_, clock_, {root_ + "/raw", "n1", 1});
    auto report = landing.land(source_, {}, {});
    EXPECT_TRUE(report.ok()) << report.error().message;
    return *report;
  }

  std::string root_;
  std::unique_ptr<storage::FileIo> files_;
  std::unique_ptr<metastore::Database> database_;
  base::ManualClock clock_{{0}};
  project::Source source_;
};

TEST_F(FileLandingTest, LandsEachFileOnce) {
  drop("a.csv", "x\n1\n");
  drop("b.txt", "not ours");
  const LandingReport first = land();
  ASSERT_EQ(first.landed.size(), 1u);
  EXPECT_EQ(first.landed[0].seq, 1);
  EXPECT_EQ(*files_->read_all(first.landed[0].raw_path, 100), "x\n1\n");
  EXPECT_TRUE(land().landed.empty());
  EXPECT_TRUE(land().skipped.empty());
}

TEST_F(FileLandingTest, SkipsEqualContentUnderAnotherNameAndSaysSo) {
  drop("a.csv", "x\n1\n");
  land();
  drop("copy.csv", "x\n1\n");
  drop("empty.csv", "");
  const LandingReport second = land();
  EXPECT_TRUE(second.landed.empty());
  ASSERT_EQ(second.skipped.size(), 2u);
  EXPECT_EQ(second.skipped[0].first_seq + second.skipped[1].first_seq, 1);
  EXPECT_TRUE(land().skipped.empty());
}

TEST_F(FileLandingTest, LandsAFileAgainWhenItsContentChanged) {
  drop("a.csv", "x\n1\n");
  land();
  drop("a.csv", "x\n1\n2\n");
  const LandingReport second = land();
  ASSERT_EQ(second.landed.size(), 1u);
  EXPECT_EQ(second.landed[0].seq, 2);
}

TEST_F(FileLandingTest, WaitsUntilAFileHasSettled) {
  drop("a.csv", "x\n1\n");
  clock_.set({base::SystemClock().now().us});
  const LandingReport early = land();
  EXPECT_TRUE(early.landed.empty());
  ASSERT_EQ(early.pending.size(), 1u);
  clock_.advance_us(3'000'000);
  EXPECT_EQ(land().landed.size(), 1u);
}

TEST_F(FileLandingTest, AClockThatWentBackDoesNotHoldFilesBack) {
  drop("a.csv", "x\n1\n");
  clock_.set({base::SystemClock().now().us - 86'400'000'000});
  EXPECT_EQ(land().landed.size(), 1u);
}

TEST_F(FileLandingTest, AFolderThatIsNotThereHasNoFiles) {
  source_.path = root_ + "/none/*.csv";
  EXPECT_TRUE(land().landed.empty());
}

TEST_F(FileLandingTest, LooksBelowFoldersWhenTheGlobDoes) {
  std::filesystem::create_directories(root_ + "/in/x/y");
  std::ofstream(root_ + "/in/x/y/deep.csv") << "x\n1\n";
  EXPECT_TRUE(land().landed.empty());
  source_.path = root_ + "/in/**/*.csv";
  EXPECT_EQ(land().landed.size(), 1u);
}

}  // namespace
}  // namespace sluice::ingest
