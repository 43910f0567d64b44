#include "sluice/engine_duckdb/internal/answer_cache.h"

#include <gtest/gtest.h>

#include <memory>

#include "sluice/engine_duckdb/tests/scratch_dir.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::engine_duckdb::internal {
namespace {

class CollectedLines final : public telemetry::LogSink {
 public:
  explicit CollectedLines(std::string& lines) : lines_(lines) {}
  void write(std::string_view line) override { lines_ += std::string(line) + "\n"; }

 private:
  std::string& lines_;
};

class AnswerCacheTest : public testing::Test {
 protected:
  AnswerCache open(std::size_t bytes_max = 1 << 20) {
    return AnswerCache(*files_, path_, bytes_max, &logger_);
  }
  std::string content() { return *files_->read_all(path_, 1 << 30); }

  ScratchDir dir_;
  std::string path_ = dir_.path() + "/cache/parsed.cache";
  std::unique_ptr<storage::FileIo> files_ = storage::make_local_file_io();
  base::ManualClock clock_{base::Timestamp{0}};
  std::string lines_;
  telemetry::Logger logger_{clock_, std::make_unique<CollectedLines>(lines_)};
};

CacheKey key(const std::string& text) { return make_key({text}); }

TEST_F(AnswerCacheTest, RemembersOverProcesses) {
  {
    AnswerCache cache = open();
    EXPECT_EQ(cache.find(key("a")), std::nullopt);
    cache.put(key("a"), "answer a");
    cache.put(key("b"), "");
    cache.save();
  }
  AnswerCache cache = open();
  EXPECT_EQ(cache.find(key("a")), "answer a");
  EXPECT_EQ(cache.find(key("b")), "");
  EXPECT_EQ(cache.find(key("c")), std::nullopt);
  EXPECT_EQ(lines_, "");
}

TEST_F(AnswerCacheTest, IgnoresADamagedFileSaysSoAndRebuildsIt) {
  {
    AnswerCache cache = open();
    cache.put(key("a"), "answer a");
    cache.save();
  }
  const std::string good = content();
  std::vector<std::string> damaged = {"", "nonsense", good + "x"};
  for (std::size_t i = 0; i < good.size(); ++i) {
    damaged.push_back(good.substr(0, i));
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    damaged.push_back(changed);
  }
  for (const std::string& bytes : damaged) {
    ASSERT_TRUE(files_->write_atomic(path_, bytes).ok());
    lines_.clear();
    AnswerCache cache = open();
    ASSERT_EQ(cache.find(key("a")), std::nullopt);
    ASSERT_NE(lines_.find("sql_cache.damaged"), std::string::npos);
    cache.put(key("a"), "answer a");
    cache.save();
    ASSERT_EQ(content(), good);
  }
}

TEST_F(AnswerCacheTest, DropsWhatWasNotUsedWhenItGrowsTooLarge) {
  const std::string large(400, 'x');
  {
    AnswerCache cache = open();
    cache.put(key("old"), large);
    cache.save();
  }
  {
    AnswerCache cache = open();
    cache.put(key("used"), large);
    cache.save();
  }
  AnswerCache cache = open(1000);
  EXPECT_TRUE(cache.find(key("used")).has_value());
  cache.put(key("new"), large);
  cache.save();
  EXPECT_LE(content().size(), 1016U);
  AnswerCache again = open(1000);
  EXPECT_TRUE(again.find(key("used")).has_value());
  EXPECT_TRUE(again.find(key("new")).has_value());
  EXPECT_FALSE(again.find(key("old")).has_value());
}

TEST_F(AnswerCacheTest, GoesOnWhenItCannotBeWritten) {
  ASSERT_TRUE(files_->write_atomic(dir_.path() + "/cache", "a file is in the way").ok());
  AnswerCache cache = open();
  cache.put(key("a"), "answer");
  cache.save();
  EXPECT_EQ(cache.find(key("a")), "answer");
  EXPECT_NE(lines_.find("sql_cache.not_written"), std::string::npos);
}

TEST(CacheKey, TellsPartsApart) {
  EXPECT_NE(make_key({"ab", "c"}), make_key({"a", "bc"}));
  EXPECT_NE(make_key({"a", ""}), make_key({"a"}));
}

}  // namespace
}  // namespace sluice::engine_duckdb::internal
