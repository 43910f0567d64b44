#include "sluice/ingest/decode_request.h"

#include <gtest/gtest.h>

namespace sluice::ingest {
namespace {

std::vector<lake::LandedFile> files_of(std::initializer_list<std::int64_t> sizes) {
  std::vector<lake::LandedFile> files;
  for (const std::int64_t bytes : sizes) {
    lake::LandedFile file;
    file.seq = static_cast<std::int64_t>(files.size()) + 1;
    file.bytes = bytes;
    files.push_back(file);
  }
  return files;
}

TEST(DecodeRequest, CutsABatchBeforeItGrowsTooLarge) {
  EXPECT_EQ(first_batch(files_of({1, 2, 3})).size(), 3u);
  EXPECT_EQ(first_batch(files_of({kBatchBytesMax, 1})).size(), 1u);
  EXPECT_EQ(first_batch(files_of({kBatchBytesMax * 2, 1})).size(), 1u);
  EXPECT_EQ(first_batch(files_of({kBatchBytesMax - 1, 1, 1})).size(), 2u);
  EXPECT_TRUE(first_batch({}).empty());
}

TEST(DecodeRequest, CarriesDialectColumnsAndErrorKeys) {
  project::Source source;
  source.csv.delimiter = ';';
  source.nulls = {"NA", ""};
  contract::Contract contract;
  contract.version = "1.2.0";
  contract.schema.fields = {{0, "n", {data::TypeKind::kInt}, true, ""}};
  contract.keys.push_back({"primary_key", {"n"}, true, contract::Severity::kError, {}});
  contract.keys.push_back({"unique", {"n"}, false, contract::Severity::kWarning, {}});
  const auto job = decode_request(source, contract, files_of({10}), base::RunId("r"));
  EXPECT_EQ(job.dialect.delimiter, ';');
  EXPECT_EQ(job.dialect.nulls.size(), 2u);
  ASSERT_EQ(job.columns.size(), 1u);
  EXPECT_NE(job.columns[0].cast.find("\"n\""), std::string::npos);
  ASSERT_EQ(job.keys.size(), 1u);
  EXPECT_EQ(job.keys[0].name, "primary_key");
  EXPECT_EQ(job.contract_version, "1.2.0");
}

TEST(DecodeRequest, HasADigestOfWhatDecidesItsRows) {
  job::DecodeJob job;
  job.columns = {{"n", {data::TypeKind::kInt}, true, "cast"}};
  job.verdict = "NULL";
  const std::string digest = decode_digest(job);
  job.run_id = "another";
  job.files.push_back({});
  EXPECT_EQ(decode_digest(job), digest);
  job.columns[0].required = false;
  EXPECT_NE(decode_digest(job), digest);
  job.columns[0].required = true;
  job.dialect.nulls.push_back("NA");
  EXPECT_NE(decode_digest(job), digest);
}

}  // namespace
}  // namespace sluice::ingest
