#include "sluice/storage/file_lock.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "sluice/storage/file_io.h"

namespace sluice::storage {
namespace {

class FileLockTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-lock-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string root_;
};

TEST_F(FileLockTest, NamesTheHolderToASecondOne) {
  const auto first = FileLock::acquire(root_ + "/lock", "pid 17, sluice run", 0);
  ASSERT_TRUE(first.ok());
  const auto second = FileLock::acquire(root_ + "/lock", "pid 18", 0);
  EXPECT_EQ(second.error().kind, base::ErrorKind::kConflict);
  EXPECT_EQ(second.error().message, "in use by pid 17, sluice run");
}

TEST_F(FileLockTest, IsFreeAgainAfterItsHolder) {
  {
    ASSERT_TRUE(FileLock::acquire(root_ + "/lock", "a", 0).ok());
  }
  EXPECT_TRUE(FileLock::acquire(root_ + "/lock", "b", 0).ok());
}

TEST_F(FileLockTest, WaitsForTheHolderToLeave) {
  std::optional<FileLock> first(*FileLock::acquire(root_ + "/lock", "a", 0));
  std::jthread leaver([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    first.reset();
  });
  EXPECT_TRUE(FileLock::acquire(root_ + "/lock", "b", 10'000).ok());
}

TEST_F(FileLockTest, HoldsAreListedWhileTheyLive) {
  const std::string dir = root_ + "/holds";
  EXPECT_TRUE(SharedHold::list(dir)->empty());
  {
    const auto hold = SharedHold::acquire(dir, "q1", "bronze.flights 4711");
    ASSERT_TRUE(hold.ok());
    EXPECT_EQ(*SharedHold::list(dir), std::vector<std::string>{"bronze.flights 4711"});
  }
  EXPECT_TRUE(SharedHold::list(dir)->empty());
}

TEST_F(FileLockTest, AHoldSaysWhatItIsToldWhateverItsLength) {
  const std::string dir = root_ + "/holds";
  auto hold = SharedHold::acquire(dir, "q1", "");
  ASSERT_TRUE(hold.ok());
  EXPECT_EQ(*SharedHold::list(dir), std::vector<std::string>{""});
  const std::string text(200'000, 'x');
  ASSERT_TRUE(hold->tell(text).ok());
  EXPECT_EQ(*SharedHold::list(dir), std::vector<std::string>{text});
}

TEST_F(FileLockTest, AHoldOfADeadProcessCountsForNothing) {
  const std::string dir = root_ + "/holds";
  std::filesystem::create_directories(dir);
  {
    std::FILE* left = std::fopen((dir + "/q0").c_str(), "w");
    std::fclose(left);
  }
  const auto alive = SharedHold::acquire(dir, "q1", "lives");
  EXPECT_EQ(*SharedHold::list(dir), std::vector<std::string>{"lives"});
  EXPECT_TRUE(std::filesystem::exists(dir + "/q0"));
  EXPECT_EQ(*SharedHold::remove_dead(dir), 1U);
  EXPECT_FALSE(std::filesystem::exists(dir + "/q0"));
  EXPECT_EQ(*SharedHold::list(dir), std::vector<std::string>{"lives"});
}

}  // namespace
}  // namespace sluice::storage
