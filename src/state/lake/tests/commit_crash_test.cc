#include <csignal>
#include <cstdlib>
#include <fstream>
#include <ostream>

#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/pointer_history.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

constexpr const char* kFolder = "SLUICE_LAKE_CRASH_FOLDER";

/// A passage of a crash point during one append, in the order of their happening.
struct Passage {
  const char* name;
  int times;       // how often it is passed
  bool committed;  // whether the commit took place before it
};

void PrintTo(const Passage& passage, std::ostream* out) { *out << passage.name; }

/// Every crash point that an append passes; the last test finds one that is missing here.
constexpr Passage kPassages[] = {
    {"lake.commit.before_stage", 1, false},     {"storage.write_all_new.before", 1, false},
    {"storage.write.before_sync", 3, false},    {"storage.write_all_new.after", 1, false},
    {"lake.commit.after_stage", 1, false},      {"lake.commit.before_transaction", 1, false},
    {"metastore.commit.before", 1, false},      {"metastore.commit.after", 1, true},
    {"lake.commit.after_transaction", 1, true}, {"storage.append.before", 1, true},
    {"storage.append.after", 1, true},          {"lake.commit.after_history", 1, true}};

/// The child of a death test runs the test from its beginning in a new process, in the parent's
/// folder.
class CommitCrash : public testing::TestWithParam<Passage> {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const char* folder = std::getenv(kFolder);
    is_child_ = folder != nullptr;
    root_ = is_child_ ? folder : new_test_folder();
    if (!is_child_) {
      Warehouse lake(root_);
      lake.create();
      ASSERT_TRUE(lake.commit("a1", lake.change(Write::kAppend, {lake.stage("f1", 5)})).ok());
      lake.stage("f2", 7);
      setenv(kFolder, root_.c_str(), 1);
    }
  }
  void TearDown() override {
    if (!is_child_) {
      unsetenv(kFolder);
      std::filesystem::remove_all(root_);
    }
  }

  /// The same request whoever asks, before and after the crash.
  static CommitRequest request(Warehouse& lake) {
    DataFile file;
    file.path = storage::file_uri(lake.catalog_->data_path(Warehouse::name()) + "/f2");
    file.record_count = 7;
    file.file_size_bytes = 7;
    TableChange change;
    change.table = Warehouse::name();
    change.base_metadata_location =
        (*list_table_commits(*lake.database_, Warehouse::name(), 1))[0].tables[0].metadata_location;
    change.write = Write::kAppend;
    change.files = {file};
    return Warehouse::request("a2", change);
  }

  /// Appends in this process, which is about to die there.
  void append(const std::string& variable, const std::string& value) {
    setenv(variable.c_str(), value.c_str(), 1);
    Warehouse lake(root_);
    std::exit(lake.catalog_->commit(request(lake)).ok() ? 0 : 1);
  }

  bool is_child_ = false;
  std::string root_;
};

using CommitCrashDeathTest = CommitCrash;

TEST_P(CommitCrashDeathTest, LosesNothingAndDoesNothingTwice) {
  const Passage& passage = GetParam();
  const std::string at = passage.name + ("#" + std::to_string(passage.times));
  EXPECT_EXIT(append("SLUICE_CRASH_AT", at), testing::KilledBySignal(SIGKILL), "");
  Warehouse lake(root_);
  const auto found = lake.catalog_->find_commit(base::CommitId("a2"));
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->has_value(), passage.committed);
  EXPECT_EQ(lake.load()->current_snapshot()->summary.at("total-records"),
            passage.committed ? "12" : "5");
  const auto again = lake.catalog_->commit(request(lake));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->repeated, passage.committed);
  EXPECT_EQ(lake.load()->current_snapshot()->summary.at("total-records"), "12");
  ASSERT_TRUE(lake.commit("a3", lake.change(Write::kAppend, {})).ok());
  EXPECT_EQ(
      read_pointer_history(*lake.files_, lake.catalog_->metadata_path(Warehouse::name()))->size(),
      4u);
}

INSTANTIATE_TEST_SUITE_P(Append, CommitCrashDeathTest, testing::ValuesIn(kPassages),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           for (char& c : name) {
                             c = c == '.' ? '_' : c;
                           }
                           return name;
                         });

using AllCrashPointsDeathTest = CommitCrash;

TEST_P(AllCrashPointsDeathTest, AreTriedAbove) {
  EXPECT_EXIT(append("SLUICE_CRASH_LOG", root_ + "/passages"), testing::ExitedWithCode(0), "");
  std::map<std::string, int> passed;
  std::ifstream log(root_ + "/passages");
  for (std::string line; std::getline(log, line);) {
    ++passed[line];
  }
  std::map<std::string, int> listed;
  for (const Passage& passage : kPassages) {
    listed[passage.name] = passage.times;
  }
  EXPECT_EQ(passed, listed);
}

INSTANTIATE_TEST_SUITE_P(Append, AllCrashPointsDeathTest, testing::Values(kPassages[0]));

}  // namespace
}  // namespace sluice::lake
