// Reads metadata that PyIceberg wrote (make_pyiceberg_fixtures.py): three rows appended in two
// partitions, a fourth appended and deleted again.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sluice/lake/bounds.h"
#include "sluice/lake/manifest.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::lake {
namespace {

using data::Value;

class PyIcebergFixture : public testing::TestWithParam<int> {
 protected:
  static std::string load(const std::string& location) {
    const std::string name = location.substr(location.rfind('/') + 1);
    const std::string path =
        std::string(SLUICE_LAKE_TEST_DATA "/v") + std::to_string(GetParam()) + "/" + name;
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void SetUp() override {
    auto parsed = parse_table_metadata(load("/table.metadata.json"), "table.metadata.json");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    table_ = std::move(*parsed);
    ASSERT_NE(table_.current_snapshot(), nullptr);
    const std::string& list = table_.current_snapshot()->manifest_list;
    auto manifests = read_manifest_list(load(list), list);
    ASSERT_TRUE(manifests.ok()) << manifests.error().message;
    manifests_ = std::move(*manifests);
  }

  std::vector<ManifestEntry> entries(EntryStatus status) {
    std::vector<ManifestEntry> found;
    for (const ManifestFile& file : manifests_) {
      auto manifest = read_manifest(load(file.path), file);
      EXPECT_TRUE(manifest.ok()) << manifest.error().message;
      if (manifest.ok()) {
        EXPECT_EQ(manifest->spec, table_.default_spec());
        EXPECT_EQ(manifest->schema, table_.current_schema());
        for (ManifestEntry& entry : manifest->entries) {
          if (entry.status == status) {
            found.push_back(std::move(entry));
          }
        }
      }
    }
    return found;
  }

  TableMetadata table_;
  std::vector<ManifestFile> manifests_;
};

TEST_P(PyIcebergFixture, HasItsSnapshots) {
  EXPECT_EQ(table_.snapshots.size(), 3U);
  EXPECT_EQ(table_.current_snapshot()->operation, Operation::kDelete);
  EXPECT_EQ(table_.last_sequence_number, GetParam() == 1 ? 0 : 3);
  EXPECT_EQ(table_.current_schema().find("word")->doc, "what was said");
  EXPECT_EQ(table_.current_schema().find("price")->type, data::decimal_type(9, 2));
}

TEST_P(PyIcebergFixture, ListsItsLiveAndDeletedFiles) {
  std::vector<ManifestEntry> live = entries(EntryStatus::kAdded);
  for (ManifestEntry& entry : entries(EntryStatus::kExisting)) {
    live.push_back(std::move(entry));
  }
  ASSERT_EQ(live.size(), 2U);
  std::int64_t rows = 0;
  for (const ManifestEntry& entry : live) {
    rows += entry.file.record_count;
    EXPECT_EQ(entry.sequence_number, GetParam() == 1 ? 0 : 1);
    EXPECT_EQ(entry.snapshot_id, table_.snapshots.front()->id);
    EXPECT_EQ(entry.file.format, FileFormat::kParquet);
    ASSERT_EQ(entry.file.partition.size(), 3U);
    EXPECT_EQ(entry.file.partition[0], Value(std::int32_t{17486}));
    EXPECT_EQ(entry.file.partition[2], Value(std::int32_t{17486}));
    const bool first = entry.file.record_count == 2;
    EXPECT_EQ(entry.file.partition[1], first ? Value(std::string("first")) : Value());
  }
  EXPECT_EQ(rows, 3);
  const auto deleted = entries(EntryStatus::kDeleted);
  ASSERT_EQ(deleted.size(), 1U);
  EXPECT_EQ(deleted[0].file.partition[1], Value(std::string("second")));
  EXPECT_EQ(deleted[0].snapshot_id, table_.current_snapshot_id);
}

TEST_P(PyIcebergFixture, HasBoundsOfEveryType) {
  const auto live = entries(EntryStatus::kAdded);
  ASSERT_FALSE(live.empty());
  const char* const texts[][2] = {{"flag", "true"},
                                  {"small", "-5"},
                                  {"large", "1099511627776"},
                                  {"single", "1.5"},
                                  {"wide", "-2.5"},
                                  {"price", "14.20"},
                                  {"on_day", "2017-11-16"},
                                  {"at_time", "22:31:08"},
                                  {"ts", "2017-11-16T22:31:08"},
                                  {"tstz", "2017-11-16T22:31:08Z"},
                                  {"id", "f79c3e09-677c-4bbd-a479-3f349cb785e7"},
                                  {"code", "00010203"}};
  for (const auto& [name, text] : texts) {
    const data::Field* field = table_.current_schema().find(name);
    ASSERT_NE(field, nullptr) << name;
    const auto& file = live[0].file;
    ASSERT_TRUE(file.lower_bounds.contains(field->id)) << name;
    const auto low = decode_value(file.lower_bounds.at(field->id), field->type);
    const auto high = decode_value(file.upper_bounds.at(field->id), field->type);
    ASSERT_TRUE(low.ok() && high.ok()) << name;
    EXPECT_EQ(data::to_text(*low, field->type), text) << name;
    EXPECT_EQ(data::to_text(*high, field->type), text) << name;
    EXPECT_EQ(file.lower_bounds.at(field->id), *encode_value(*low, field->type)) << name;
  }
}

TEST_P(PyIcebergFixture, CutsBinaryBoundsAsOurs) {
  const auto live = entries(EntryStatus::kAdded);
  ASSERT_FALSE(live.empty());
  const data::Field* raw = table_.current_schema().find("raw");
  const Value value(std::string("a long binary value, cut"));
  EXPECT_EQ(live[0].file.lower_bounds.at(raw->id),
            std::get<std::string>(*lower_bound(value, raw->type)));
  EXPECT_EQ(live[0].file.upper_bounds.at(raw->id),
            std::get<std::string>(*upper_bound(value, raw->type)));
}

TEST_P(PyIcebergFixture, SurvivesARewrite) {
  const auto again = parse_table_metadata(serialize(table_), "again");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->schemas, table_.schemas);
  EXPECT_EQ(again->partition_specs, table_.partition_specs);
  EXPECT_EQ(again->refs, table_.refs);
  EXPECT_EQ(again->properties, table_.properties);
  EXPECT_EQ(again->snapshots.size(), table_.snapshots.size());
}

INSTANTIATE_TEST_SUITE_P(Versions, PyIcebergFixture, testing::Values(1, 2));

}  // namespace
}  // namespace sluice::lake
