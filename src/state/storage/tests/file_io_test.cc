#include "sluice/storage/file_io.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "sluice/base/digest.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::storage {
namespace {

using base::ErrorKind;
using Factory = std::function<std::unique_ptr<FileIo>()>;

/// What every FileIo must do.
class FileIoContract : public testing::TestWithParam<Factory> {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-io-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    io_ = GetParam()();
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string path(const std::string& name) const { return join_path(root_, name); }

  std::string root_;
  std::unique_ptr<FileIo> io_;
};

TEST_P(FileIoContract, ReadsBackWhatItWrote) {
  ASSERT_TRUE(io_->write_new(path("a"), "hello").ok());
  EXPECT_EQ(*io_->read_all(path("a"), 100), "hello");
  EXPECT_EQ(*io_->read_range(path("a"), 1, 3), "ell");
  EXPECT_EQ(*io_->read_range(path("a"), 3, 100), "lo");
  std::array<char, 4> into{};
  EXPECT_EQ(*io_->read_into(path("a"), 1, into), 4u);
  EXPECT_EQ(std::string_view(into.data(), 4), "ello");
  EXPECT_EQ(*io_->read_into(path("a"), 4, into), 1u);
  EXPECT_EQ(*io_->read_into(path("a"), 5, into), 0u);
  EXPECT_EQ(io_->stat(path("a"))->bytes, 5);
  EXPECT_TRUE(*io_->exists(path("a")));
  EXPECT_FALSE(*io_->exists(path("b")));
}

TEST_P(FileIoContract, NamesThePathThatIsMissingOrThere) {
  const auto missing = io_->read_all(path("nope"), 100);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(missing.error().message.find(path("nope")), std::string::npos);
  ASSERT_TRUE(io_->write_new(path("a"), "1").ok());
  EXPECT_EQ(io_->write_new(path("a"), "2").error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(*io_->read_all(path("a"), 100), "1");
}

TEST_P(FileIoContract, RefusesToReadMoreThanAllowed) {
  ASSERT_TRUE(io_->write_new(path("a"), "12345").ok());
  EXPECT_EQ(io_->read_all(path("a"), 4).error().kind, ErrorKind::kExhausted);
  EXPECT_EQ(io_->read_all(root_, 4).error().kind, ErrorKind::kInvalidInput);
}

TEST_P(FileIoContract, ReplacesAtomicallyAndLeavesNoTemporaryFile) {
  ASSERT_TRUE(io_->write_atomic(path("a"), "1").ok());
  ASSERT_TRUE(io_->write_atomic(path("a"), "2").ok());
  EXPECT_EQ(*io_->read_all(path("a"), 100), "2");
  EXPECT_EQ(io_->list(root_, false)->size(), 1u);
}

TEST_P(FileIoContract, AppendsToAFileThatMayNotBeThere) {
  ASSERT_TRUE(io_->append(path("log"), "a\n").ok());
  ASSERT_TRUE(io_->append(path("log"), "b\n").ok());
  EXPECT_EQ(*io_->read_all(path("log"), 100), "a\nb\n");
  EXPECT_EQ(io_->append(path("no/log"), "a").error().kind, ErrorKind::kNotFound);
}

TEST_P(FileIoContract, CopiesAndHashesInOnePass) {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) {
    bytes += static_cast<char>(i * 31);
  }
  for (int i = 0; i < 4; ++i) {
    bytes += bytes;
  }
  ASSERT_TRUE(io_->write_new(path("a"), bytes).ok());
  const auto copied = io_->copy_durable(path("a"), path("b"));
  ASSERT_TRUE(copied.ok());
  EXPECT_EQ(copied->sha256, base::sha256_hex(bytes));
  EXPECT_EQ(copied->bytes, static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(io_->hash(path("b"))->sha256, copied->sha256);
  EXPECT_EQ(io_->list(root_, false)->size(), 2u);
  EXPECT_EQ(io_->copy_durable(path("nope"), path("c")).error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(*io_->exists(path("c")));
}

TEST_P(FileIoContract, ListsFoldersInOrder) {
  ASSERT_TRUE(io_->make_dirs(path("x/y/z")).ok());
  ASSERT_TRUE(io_->make_dirs(path("x/y/z")).ok());
  ASSERT_TRUE(io_->write_new(path("x/b"), "").ok());
  ASSERT_TRUE(io_->write_new(path("x/y/z/a"), "").ok());
  const auto deep = io_->list(root_, true);
  ASSERT_EQ(deep->size(), 2u);
  EXPECT_EQ((*deep)[0].path, path("x/b"));
  EXPECT_EQ((*deep)[1].path, path("x/y/z/a"));
  const auto shallow = io_->list(path("x"), false);
  ASSERT_EQ(shallow->size(), 2u);
  EXPECT_TRUE((*shallow)[1].stat.is_dir);
  EXPECT_EQ(io_->list(path("none"), true).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(io_->make_dirs(path("x/b")).error().kind, ErrorKind::kAlreadyExists);
}

TEST_P(FileIoContract, WritesSeveralFilesOrNone) {
  std::vector<FileIo::NewFile> files;
  for (const char* name : {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}) {
    files.push_back({path(name), "content"});
  }
  ASSERT_TRUE(io_->write_all_new(files).ok());
  EXPECT_EQ(io_->list(root_, false)->size(), 10u);
  const std::vector<FileIo::NewFile> clash = {{path("new"), "x"}, {path("3"), "y"}};
  EXPECT_EQ(io_->write_all_new(clash).error().kind, ErrorKind::kAlreadyExists);
  EXPECT_FALSE(*io_->exists(path("new")));
  EXPECT_EQ(*io_->read_all(path("3"), 100), "content");
}

TEST_P(FileIoContract, RemovesWhatIsThereAndForgivesWhatIsNot) {
  ASSERT_TRUE(io_->make_dirs(path("d/e")).ok());
  ASSERT_TRUE(io_->write_new(path("d/e/f"), "").ok());
  EXPECT_TRUE(io_->remove(path("d/e/f")).ok());
  EXPECT_TRUE(io_->remove(path("d/e/f")).ok());
  EXPECT_TRUE(io_->remove_all(path("d")).ok());
  EXPECT_TRUE(io_->remove_all(path("d")).ok());
  EXPECT_FALSE(*io_->exists(path("d")));
}

TEST_P(FileIoContract, MakesFilesAndFoldersDurable) {
  ASSERT_TRUE(io_->write_new(path("a"), "x").ok());
  EXPECT_TRUE(io_->sync_file(path("a")).ok());
  EXPECT_TRUE(io_->sync_dir(root_).ok());
  EXPECT_EQ(io_->sync_file(path("b")).error().kind, ErrorKind::kNotFound);
}

TEST_P(FileIoContract, KnowsTheFreeSpace) { EXPECT_GT(*io_->free_bytes(root_), 0); }

INSTANTIATE_TEST_SUITE_P(Local, FileIoContract, testing::Values(Factory(make_local_file_io)));

TEST(Paths, JoinAndSplit) {
  EXPECT_EQ(join_path("/a", "b"), "/a/b");
  EXPECT_EQ(join_path("/a/", "b"), "/a/b");
  EXPECT_EQ(parent_of("/a/b"), "/a");
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(*local_path("file:///a/b"), "/a/b");
  EXPECT_EQ(*local_path("file:/a"), "/a");
  EXPECT_EQ(local_path("s3://a/b").error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(file_uri("/a"), "file:///a");
  EXPECT_TRUE(is_temporary("/a/b.csv.tmp-17-0"));
  EXPECT_FALSE(is_temporary("/a.tmp-17-0/b.csv"));
}

}  // namespace
}  // namespace sluice::storage
