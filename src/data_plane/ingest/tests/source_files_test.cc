#include "sluice/ingest/source_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sluice/storage/local_file_io.h"

namespace sluice::ingest {
namespace {

class SourceFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-find-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    for (const char* name : {"in/a.csv", "in/b.CSV.GZ", "in/deep/er/c.tsv", "in/.hidden.csv",
                             "in/d.json", "in/.git/e.csv", "raw/f.csv"}) {
      std::filesystem::create_directories(std::filesystem::path(root_ + "/" + name).parent_path());
      std::ofstream(root_ + "/" + name) << name;
    }
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::vector<std::string> found(std::vector<std::string> paths) {
    project::Source source;
    for (std::string& path : paths) {
      source.paths.push_back(root_ + "/" + path);
    }
    std::vector<std::string> names;
    const auto files = storage::make_local_file_io();
    const auto listed = find_source_files(*files, source, root_ + "/raw");
    for (const FoundFile& file : *listed) {
      names.push_back(file.path.substr(root_.size() + 1));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  using Names = std::vector<std::string>;
  std::string root_;
};

TEST_F(SourceFilesTest, AFolderMeansAllFilesBelowWithAnEndingOfTheFormat) {
  EXPECT_EQ(found({"in"}), (Names{"in/a.csv", "in/b.CSV.GZ", "in/deep/er/c.tsv"}));
}

TEST_F(SourceFilesTest, GlobsAndFilesAndFoldersGoTogetherAndNameAFileOnce) {
  EXPECT_EQ(found({"in/*.csv", "in/a.csv", "in/deep", "none", "none/*.csv"}),
            (Names{"in/.hidden.csv", "in/a.csv", "in/deep/er/c.tsv"}));
}

TEST_F(SourceFilesTest, NeverFindsTheRawZone) {
  EXPECT_EQ(found({"raw", "raw/*", "**/f.csv"}), Names{});
  EXPECT_EQ(found({"**/*.json"}), Names{"in/d.json"});
}

TEST(Endings, BelongToAFormat) {
  EXPECT_TRUE(has_ending_of("ndjson", "x.jsonl.zst"));
  EXPECT_TRUE(has_ending_of("parquet", "x.parquet"));
  EXPECT_FALSE(has_ending_of("csv", "x.csv.bak"));
  EXPECT_FALSE(has_ending_of("json", "x.ndjson"));
}

}  // namespace
}  // namespace sluice::ingest
