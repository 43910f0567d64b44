#include "sluice/lake/internal/manifest_merge.h"

#include <gtest/gtest.h>

namespace sluice::lake {
namespace {

std::vector<ManifestFile> manifests(const std::vector<std::int64_t>& lengths) {
  std::vector<ManifestFile> files;
  for (const std::int64_t length : lengths) {
    ManifestFile file;
    file.path = "m" + std::to_string(files.size());
    file.length = length;
    files.push_back(file);
  }
  return files;
}

std::vector<std::size_t> sizes(const std::vector<std::vector<ManifestFile>>& groups) {
  std::vector<std::size_t> counts;
  for (const auto& group : groups) {
    counts.push_back(group.size());
  }
  return counts;
}

TEST(ManifestMerge, LeavesFewManifestsAlone) {
  const auto groups = group_manifests(manifests({10, 10, 10}), {true, 1000, 4});
  EXPECT_EQ(sizes(groups), (std::vector<std::size_t>{1, 1, 1}));
  EXPECT_EQ(groups[0][0].path, "m0");
  EXPECT_EQ(groups[2][0].path, "m2");
}

TEST(ManifestMerge, JoinsOnceThereAreEnough) {
  const auto groups = group_manifests(manifests({10, 10, 10}), {true, 1000, 3});
  ASSERT_EQ(sizes(groups), (std::vector<std::size_t>{3}));
  EXPECT_EQ(groups[0][0].path, "m0");
}

TEST(ManifestMerge, FillsGroupsFromTheOldest) {
  const auto groups = group_manifests(manifests({60, 60, 50, 40, 60}), {true, 100, 2});
  EXPECT_EQ(sizes(groups), (std::vector<std::size_t>{1, 1, 1, 2}));
  EXPECT_EQ(groups[3][1].path, "m4");
}

TEST(ManifestMerge, CanBeSwitchedOff) {
  EXPECT_EQ(sizes(group_manifests(manifests({1, 1, 1}), {false, 100, 2})),
            (std::vector<std::size_t>{1, 1, 1}));
  EXPECT_TRUE(group_manifests({}, {}).empty());
}

TEST(ManifestMerge, ReadsIcebergsProperties) {
  const auto policy = merge_policy({{"commit.manifest.target-size-bytes", "1024"},
                                    {"commit.manifest.min-count-to-merge", "5"},
                                    {"commit.manifest-merge.enabled", "false"}});
  EXPECT_EQ(policy->target_bytes, 1024);
  EXPECT_EQ(policy->count_min, 5);
  EXPECT_FALSE(policy->enabled);
  EXPECT_EQ(merge_policy({})->target_bytes, 8 << 20);
  EXPECT_FALSE(merge_policy({{"commit.manifest.target-size-bytes", "1k"}}).ok());
  EXPECT_FALSE(merge_policy({{"commit.manifest.min-count-to-merge", "0"}}).ok());
  EXPECT_FALSE(merge_policy({{"commit.manifest-merge.enabled", "yes"}}).ok());
}

}  // namespace
}  // namespace sluice::lake
