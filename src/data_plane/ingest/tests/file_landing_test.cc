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
    source_.paths = {root_ + "/in/*.csv"};
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
    FileLanding landing(*files_, *database_, clock_, {root_ + "/raw", "n1", ++epoch_}, source_);
    auto report = landing.land(3, {});
    EXPECT_TRUE(report.ok()) << report.error().message;
    return *report;
  }

  std::string root_;
  std::unique_ptr<storage::FileIo> files_;
  std::unique_ptr<metastore::Database> database_;
  base::ManualClock clock_{{0}};
  project::Source source_;
  std::int64_t epoch_ = 0;
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
  source_.paths = {root_ + "/none/*.csv"};
  EXPECT_TRUE(land().landed.empty());
}

TEST_F(FileLandingTest, LooksBelowFoldersWhenTheGlobDoes) {
  std::filesystem::create_directories(root_ + "/in/x/y");
  std::ofstream(root_ + "/in/x/y/deep.csv") << "x\n1\n";
  EXPECT_TRUE(land().landed.empty());
  source_.paths = {root_ + "/in/**/*.csv"};
  EXPECT_EQ(land().landed.size(), 1u);
}

TEST_F(FileLandingTest, LandsManyFilesOldestFirstWithoutGapsInTheirNumbers) {
  const int many = static_cast<int>(kLandingFilesMax) + 50;
  for (int i = 0; i < many; ++i) {
    drop("f" + std::to_string(1000 + i) + ".csv", "x\n" + std::to_string(i % 290) + "\n");
  }
  const LandingReport report = land();
  EXPECT_EQ(report.landed.size(), 290u);
  EXPECT_EQ(report.skipped.size(), static_cast<std::size_t>(many - 290));
  for (std::size_t i = 0; i < report.landed.size(); ++i) {
    EXPECT_EQ(report.landed[i].seq, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(files_->hash(report.landed[i].raw_path)->sha256, report.landed[i].sha256);
  }
}

TEST_F(FileLandingTest, MovesAFileSoThatItHasOnlyItsNewName) {
  source_.raw = project::RawMode::kMove;
  drop("a.csv", "x\n1\n");
  const LandingReport report = land();
  ASSERT_EQ(report.landed.size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(root_ + "/in/a.csv"));
  EXPECT_EQ(*files_->read_all(report.landed[0].raw_path, 100), "x\n1\n");
}

TEST_F(FileLandingTest, AMoveLeavesAFileOfEqualContentWhereItIs) {
  source_.raw = project::RawMode::kMove;
  drop("a.csv", "x\n1\n");
  land();
  drop("b.csv", "x\n1\n");
  EXPECT_EQ(land().skipped.size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(root_ + "/in/b.csv"));
  EXPECT_TRUE(land().skipped.empty());
}

TEST_F(FileLandingTest, AMoveThatDiedBeforeItRemovedTheOriginalIsFinishedLater) {
  drop("a.csv", "x\n1\n");
  const LandingReport copied = land();
  source_.raw = project::RawMode::kMove;
  EXPECT_TRUE(land().landed.empty());
  EXPECT_FALSE(std::filesystem::exists(root_ + "/in/a.csv"));
  EXPECT_TRUE(std::filesystem::exists(copied.landed[0].raw_path));
}

TEST_F(FileLandingTest, AFileWithOtherNamesIsCopiedBeforeItsDroppedNameGoes) {
  source_.raw = project::RawMode::kMove;
  drop("a.csv", "x\n1\n");
  std::filesystem::create_hard_link(root_ + "/in/a.csv", root_ + "/elsewhere");
  const LandingReport report = land();
  ASSERT_EQ(report.landed.size(), 1u);
  std::ofstream(root_ + "/elsewhere") << "changed";
  EXPECT_EQ(*files_->read_all(report.landed[0].raw_path, 100), "x\n1\n");
}

TEST_F(FileLandingTest, ReferencesAFileWhereItIs) {
  source_.raw = project::RawMode::kReference;
  drop("a.csv", "x\n1\n");
  const LandingReport report = land();
  ASSERT_EQ(report.landed.size(), 1u);
  EXPECT_EQ(report.landed[0].raw_path, root_ + "/in/a.csv");
  EXPECT_FALSE(std::filesystem::exists(root_ + "/raw"));
  EXPECT_TRUE(land().landed.empty());
}

}  // namespace
}  // namespace sluice::ingest
