#include "sluice/lake/pointer_history.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sluice/storage/local_file_io.h"

namespace sluice::lake {
namespace {

class PointerHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-ph-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string path() const { return root_ + "/" + kPointerHistoryName; }

  const std::vector<PointerMove> moves_ = {{0, "file:///a/0", base::CommitId("c0"), 5},
                                           {1, "file:///a/\"1", base::CommitId("c1"), 6}};
  std::string root_;
  std::unique_ptr<storage::FileIo> files_ = storage::make_local_file_io();
};

TEST_F(PointerHistoryTest, IsReadAsItWasWritten) {
  EXPECT_TRUE(read_pointer_history(*files_, root_)->empty());
  ASSERT_TRUE(append_pointer_history(*files_, root_, {moves_[0]}).ok());
  ASSERT_TRUE(append_pointer_history(*files_, root_, {moves_[1]}).ok());
  EXPECT_EQ(*read_pointer_history(*files_, root_), moves_);
}

TEST_F(PointerHistoryTest, LeavesALineThatWasCutShortOutAtEveryLength) {
  ASSERT_TRUE(append_pointer_history(*files_, root_, moves_).ok());
  const std::string text = *files_->read_all(path(), 1000);
  const std::size_t first = text.find('\n') + 1;
  for (std::size_t bytes = first; bytes < text.size(); ++bytes) {
    ASSERT_TRUE(files_->write_atomic(path(), text.substr(0, bytes)).ok());
    EXPECT_EQ(read_pointer_history(*files_, root_)->size(), 1u) << bytes;
    EXPECT_EQ(mend_pointer_history(*files_, root_)->size(), 1u) << bytes;
    EXPECT_EQ(*files_->read_all(path(), 1000), text.substr(0, first));
  }
}

TEST_F(PointerHistoryTest, NamesALineThatIsDamaged) {
  ASSERT_TRUE(append_pointer_history(*files_, root_, {moves_[0]}).ok());
  ASSERT_TRUE(files_->append(path(), "{}\n").ok());
  ASSERT_TRUE(append_pointer_history(*files_, root_, {moves_[1]}).ok());
  const auto damaged = read_pointer_history(*files_, root_);
  EXPECT_EQ(damaged.error().kind, base::ErrorKind::kCorrupt);
  EXPECT_NE(damaged.error().message.find(path() + ":2"), std::string::npos);
}

}  // namespace
}  // namespace sluice::lake
