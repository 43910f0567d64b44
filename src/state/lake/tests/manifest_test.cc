#include "sluice/lake/manifest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "sluice/lake/bounds.h"
#include "sluice/lake/tests/sample_table.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;
using data::Value;

ManifestHeader sample_header() {
  ManifestHeader header;
  header.schema = sample_schema();
  header.spec = sample_spec(header.schema);
  header.snapshot_id = 11;
  return header;
}

std::vector<ManifestEntry> sample_entries(const ManifestHeader& header) {
  const auto file = [&](int seed) { return sample_file(seed, header.spec, header.schema); };
  return {{EntryStatus::kAdded, std::nullopt, std::nullopt, std::nullopt, file(1)},
          {EntryStatus::kExisting, 5, 3, 2, file(2)},
          {EntryStatus::kDeleted, 11, 4, 4, file(0)}};
}

/// The manifest as a manifest list of sequence number 9 hands it to a reader.
ManifestFile listed(const WrittenManifest& written) {
  ManifestFile manifest = written.summary;
  manifest.path = "file:///lake/t/metadata/m0.avro";
  manifest.sequence_number = 9;
  return manifest;
}

TEST(Manifest, ReadsWhatItWrites) {
  const ManifestHeader header = sample_header();
  auto entries = sample_entries(header);
  const auto written = write_manifest(header, entries);
  ASSERT_TRUE(written.ok()) << written.error().message;
  const auto manifest = read_manifest(written->bytes, listed(*written));
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->schema, header.schema);
  EXPECT_EQ(manifest->spec, header.spec);
  EXPECT_EQ(manifest->content, ManifestContent::kData);
  EXPECT_EQ(manifest->partition_types, *partition_types(header.spec, header.schema));
  entries[0].snapshot_id = 11;  // inherited
  entries[0].sequence_number = 9;
  entries[0].file_sequence_number = 9;
  EXPECT_EQ(manifest->entries, entries);
}

TEST(Manifest, SummarizesItsFiles) {
  const ManifestHeader header = sample_header();
  const auto written = write_manifest(header, sample_entries(header));
  ASSERT_TRUE(written.ok());
  const ManifestFile& summary = written->summary;
  EXPECT_EQ(summary.length, static_cast<std::int64_t>(written->bytes.size()));
  EXPECT_EQ(summary.spec_id, 1);
  EXPECT_EQ(summary.sequence_number, kUnassignedSequence);
  EXPECT_EQ(summary.min_sequence_number, 3);
  EXPECT_EQ(summary.added_snapshot_id, 11);
  EXPECT_EQ(summary.added_files_count, 1);
  EXPECT_EQ(summary.existing_files_count, 1);
  EXPECT_EQ(summary.deleted_files_count, 1);
  EXPECT_EQ(summary.added_rows_count, 101);
  EXPECT_EQ(summary.existing_rows_count, 102);
  EXPECT_EQ(summary.deleted_rows_count, 100);
  ASSERT_EQ(summary.partitions.size(), header.spec.fields.size());
  const data::Type integer{data::TypeKind::kInt};
  EXPECT_TRUE(summary.partitions[1].contains_null);
  EXPECT_EQ(summary.partitions[1].lower_bound,
            *encode_value(*data::parse_value("-2147483648", integer), integer));
  EXPECT_EQ(summary.partitions.back().lower_bound, std::nullopt);  // void
}

TEST(Manifest, KeepsTheEmptyPartitionOfAnUnpartitionedTable) {
  ManifestHeader header = sample_header();
  header.spec = PartitionSpec{};
  DataFile file = sample_file(1, header.spec, header.schema);
  const auto written = write_manifest(header, {{EntryStatus::kAdded, 11, {}, {}, file}});
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_TRUE(written->summary.partitions.empty());
  const auto manifest = read_manifest(written->bytes, listed(*written));
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->entries.at(0).file, file);
}

TEST(Manifest, KeepsDeleteFiles) {
  ManifestHeader header = sample_header();
  header.spec = PartitionSpec{};
  header.content = ManifestContent::kDeletes;
  DataFile positions = sample_file(1, header.spec, header.schema);
  positions.content = FileContent::kPositionDeletes;
  positions.referenced_data_file = "file:///lake/t/data/1.parquet";
  DataFile keys = sample_file(2, header.spec, header.schema);
  keys.content = FileContent::kEqualityDeletes;
  keys.equality_ids = {2, 3};
  keys.key_metadata = "key";
  const auto written = write_manifest(header, {{EntryStatus::kAdded, 11, {}, {}, positions},
                                               {EntryStatus::kAdded, 11, {}, {}, keys}});
  ASSERT_TRUE(written.ok()) << written.error().message;
  const auto manifest = read_manifest(written->bytes, listed(*written));
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->content, ManifestContent::kDeletes);
  EXPECT_EQ(manifest->entries.at(0).file, positions);
  EXPECT_EQ(manifest->entries.at(1).file, keys);
}

TEST(Manifest, SaysWhenAPartitionIsNaN) {
  ManifestHeader header = sample_header();
  header.spec = *make_partition_spec(2, {*parse_column_transform("wide")}, header.schema, 999);
  DataFile file = sample_file(1, header.spec, header.schema);
  file.partition = {Value(std::nan(""))};
  const auto written = write_manifest(header, {{EntryStatus::kAdded, 11, {}, {}, file}});
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(written->summary.partitions.at(0).contains_nan, true);
  EXPECT_EQ(written->summary.partitions.at(0).lower_bound, std::nullopt);
}

TEST(Manifest, RefusesEntriesThatDoNotFit) {
  const ManifestHeader header = sample_header();
  const DataFile good = sample_file(1, header.spec, header.schema);
  const auto refused = [&](const ManifestEntry& entry) {
    const auto written = write_manifest(header, {entry});
    return !written.ok() && written.error().kind == ErrorKind::kInvalidInput;
  };
  DataFile file = good;
  file.spec_id = 0;
  EXPECT_TRUE(refused({EntryStatus::kAdded, 11, {}, {}, file}));
  file = good;
  file.partition.pop_back();
  EXPECT_TRUE(refused({EntryStatus::kAdded, 11, {}, {}, file}));
  file = good;
  file.partition[1] = Value(true);
  EXPECT_TRUE(refused({EntryStatus::kAdded, 11, {}, {}, file}));
  file = good;
  file.content = FileContent::kPositionDeletes;
  EXPECT_TRUE(refused({EntryStatus::kAdded, 11, {}, {}, file}));
  file = good;
  file.content_offset = 4;
  EXPECT_TRUE(refused({EntryStatus::kAdded, 11, {}, {}, file}));
  EXPECT_TRUE(refused({EntryStatus::kExisting, 11, {}, {}, good}));
  EXPECT_TRUE(refused({EntryStatus::kExisting, {}, 1, 1, good}));
  EXPECT_TRUE(refused({EntryStatus::kDeleted, 11, 1, {}, good}));
}

TEST(Manifest, RefusesBytesThatTheManifestListDoesNotDescribe) {
  const ManifestHeader header = sample_header();
  const auto written = write_manifest(header, sample_entries(header));
  ASSERT_TRUE(written.ok());
  const auto refused = [&](ManifestFile manifest) {
    const auto read = read_manifest(written->bytes, manifest);
    return !read.ok() && read.error().kind == ErrorKind::kCorrupt;
  };
  ManifestFile manifest = listed(*written);
  manifest.length += 1;
  EXPECT_TRUE(refused(manifest));
  manifest = listed(*written);
  manifest.added_files_count = 7;
  EXPECT_TRUE(refused(manifest));
  manifest = listed(*written);
  manifest.content = ManifestContent::kDeletes;
  EXPECT_TRUE(refused(manifest));
  manifest = listed(*written);
  manifest.spec_id = 0;
  EXPECT_TRUE(refused(manifest));
}

TEST(Manifest, IsRefusedWhenCutAnywhere) {
  const ManifestHeader header = sample_header();
  const auto written = write_manifest(header, sample_entries(header));
  ManifestFile manifest = listed(*written);
  for (std::size_t size = 0; size < written->bytes.size(); ++size) {
    manifest.length = static_cast<std::int64_t>(size);
    EXPECT_FALSE(read_manifest(std::string_view(written->bytes).substr(0, size), manifest).ok())
        << size;
  }
}

TEST(Manifest, SurvivesEveryFlippedByte) {
  const ManifestHeader header = sample_header();
  const auto written = write_manifest(header, sample_entries(header));
  for (std::size_t at = 0; at < written->bytes.size(); ++at) {
    std::string changed = written->bytes;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 == 0 ? 0x01 : 0xFF));
    const auto manifest = read_manifest(changed, listed(*written));
    EXPECT_TRUE(manifest.ok() || manifest.error().kind == ErrorKind::kCorrupt ||
                manifest.error().kind == ErrorKind::kUnsupported)
        << at << manifest.error().message;
  }
}

}  // namespace
}  // namespace sluice::lake
