#include "sluice/lake/manifest_list.h"

#include <gtest/gtest.h>

#include <string>

#include "sluice/lake/avro/container.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;

ManifestFile sample(int number) {
  ManifestFile manifest;
  manifest.path = "file:///m" + std::to_string(number) + ".avro";
  manifest.length = 1000 + number;
  manifest.spec_id = number % 2;
  manifest.content = number == 2 ? ManifestContent::kDeletes : ManifestContent::kData;
  manifest.sequence_number = number;
  manifest.min_sequence_number = number;
  manifest.added_snapshot_id = 100 + number;
  manifest.added_files_count = 1;
  manifest.existing_files_count = 2;
  manifest.deleted_files_count = 3;
  manifest.added_rows_count = 10;
  manifest.existing_rows_count = 20;
  manifest.deleted_rows_count = 30;
  if (number % 2 == 1) {
    manifest.partitions = {{true, false, "a", "b"}, {false, std::nullopt, std::nullopt, "c"}};
  }
  return manifest;
}

TEST(ManifestList, ReadsWhatItWrites) {
  const std::vector<ManifestFile> manifests = {sample(1), sample(2), sample(3)};
  const auto bytes = write_manifest_list({103, 102, 3}, manifests);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const auto read = read_manifest_list(*bytes, "list");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, manifests);
}

TEST(ManifestList, GivesNewManifestsTheCommitsSequenceNumber) {
  ManifestFile fresh = sample(3);
  fresh.sequence_number = kUnassignedSequence;
  fresh.min_sequence_number = kUnassignedSequence;
  ManifestFile rewritten = fresh;
  rewritten.min_sequence_number = 2;
  const auto bytes = write_manifest_list({103, std::nullopt, 7}, {fresh, rewritten});
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const auto read = read_manifest_list(*bytes, "list");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->at(0).sequence_number, 7);
  EXPECT_EQ(read->at(0).min_sequence_number, 7);
  EXPECT_EQ(read->at(1).sequence_number, 7);
  EXPECT_EQ(read->at(1).min_sequence_number, 2);
}

TEST(ManifestList, RefusesManifestsOfOtherCommits) {
  ManifestFile foreign = sample(3);
  foreign.sequence_number = kUnassignedSequence;
  EXPECT_EQ(write_manifest_list({999, std::nullopt, 7}, {foreign}).error().kind,
            ErrorKind::kInvalidInput);
  EXPECT_FALSE(write_manifest_list({103, std::nullopt, 2}, {sample(3)}).ok());
  ManifestFile uncounted = sample(3);
  uncounted.counts_known = false;
  EXPECT_FALSE(write_manifest_list({103, std::nullopt, 7}, {uncounted}).ok());
}

TEST(ManifestList, ReadsListsOfFormatOne) {
  using avro::Datum;
  using avro::Kind;
  avro::ContainerWriter writer(
      avro::record("manifest_file",
                   {{"manifest_path", 500, avro::primitive(Kind::kString)},
                    {"manifest_length", 501, avro::primitive(Kind::kLong)},
                    {"partition_spec_id", 502, avro::primitive(Kind::kInt)},
                    {"added_snapshot_id", 503, avro::optional(avro::primitive(Kind::kLong))},
                    {"added_data_files_count", 504, avro::optional(avro::primitive(Kind::kInt))}}),
      {}, avro::Codec::kNull);
  ASSERT_TRUE(
      writer
          .append(Datum(Datum::Items{Datum(std::string("file:///m.avro")), Datum(std::int64_t{5}),
                                     Datum(std::int64_t{0}), Datum(std::int64_t{77}), Datum()}))
          .ok());
  const auto read = read_manifest_list(*writer.finish(), "list");
  ASSERT_TRUE(read.ok()) << read.error().message;
  const ManifestFile& manifest = read->at(0);
  EXPECT_EQ(manifest.added_snapshot_id, 77);
  EXPECT_EQ(manifest.sequence_number, 0);
  EXPECT_EQ(manifest.content, ManifestContent::kData);
  EXPECT_FALSE(manifest.counts_known);
  EXPECT_TRUE(manifest.may_have_live_files());
}

TEST(ManifestList, KnowsManifestsWithoutLiveFiles) {
  ManifestFile manifest = sample(1);
  EXPECT_TRUE(manifest.may_have_live_files());
  manifest.added_files_count = 0;
  manifest.existing_files_count = 0;
  EXPECT_FALSE(manifest.may_have_live_files());
}

TEST(ManifestList, RefusesNewerFormatsByName) {
  avro::ContainerWriter writer(
      avro::record("manifest_file", {{"manifest_path", 500, avro::primitive(avro::Kind::kString)}}),
      {{"format-version", "4"}}, avro::Codec::kNull);
  const auto read = read_manifest_list(*writer.finish(), "list.avro");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(read.error().message.find("version 4"), std::string::npos);
}

TEST(ManifestList, RefusesRecordsWithoutRequiredFields) {
  avro::ContainerWriter writer(
      avro::record("manifest_file", {{"manifest_path", 500, avro::primitive(avro::Kind::kString)}}),
      {}, avro::Codec::kNull);
  ASSERT_TRUE(writer.append(avro::Datum(avro::Datum::Items{avro::Datum(std::string("p"))})).ok());
  const auto read = read_manifest_list(*writer.finish(), "list.avro");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(read.error().message.find("manifest_length"), std::string::npos);
}

}  // namespace
}  // namespace sluice::lake
