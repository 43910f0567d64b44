#include "sluice/ingest/raw_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sluice/storage/local_file_io.h"

namespace sluice::ingest {
namespace {

class RawFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-raw-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    files_ = storage::make_local_file_io();
    write("one");
    file_.source = "bronze.a";
    file_.seq = 7;
    file_.original_name = file_.raw_path = root_ + "/a.csv";
    file_.bytes = 3;
    file_.modified_at_us = files_->stat(file_.raw_path)->modified_us;
    file_.sha256 = files_->hash(file_.raw_path)->sha256;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& text) { std::ofstream(root_ + "/a.csv") << text; }
  void touch(std::int64_t by_us) {
    const auto path = root_ + "/a.csv";
    std::filesystem::last_write_time(
        path, std::filesystem::last_write_time(path) + std::chrono::microseconds(by_us));
  }
  std::string problem(RawCheck check) { return raw_problem(*files_, file_, check).value_or(""); }

  std::string root_;
  std::unique_ptr<storage::FileIo> files_;
  lake::LandedFile file_;
};

TEST_F(RawFilesTest, AFileAsItWasLandedIsSound) {
  EXPECT_EQ(problem(RawCheck::kPresence), "");
  EXPECT_EQ(problem(RawCheck::kContent), "");
  touch(1'000'000);
  EXPECT_EQ(problem(RawCheck::kPresence), "");
}

TEST_F(RawFilesTest, NamesAFileThatIsGoneOrHasAnotherSize) {
  write("longer");
  EXPECT_NE(problem(RawCheck::kPresence).find("(landed file 7 of bronze.a) has 6 bytes"),
            std::string::npos);
  std::filesystem::remove(file_.raw_path);
  EXPECT_NE(problem(RawCheck::kPresence).find("is gone"), std::string::npos);
}

TEST_F(RawFilesTest, FindsOtherContentOfTheSameSize) {
  write("two");
  touch(1'000'000);
  EXPECT_NE(problem(RawCheck::kPresence).find("has changed since"), std::string::npos);
  file_.original_name = "/dropped/a.csv";
  EXPECT_EQ(problem(RawCheck::kPresence), "");
  EXPECT_NE(problem(RawCheck::kContent).find("has changed since"), std::string::npos);
}

}  // namespace
}  // namespace sluice::ingest
