#include "sluice/job/codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace sluice::job {
namespace {

using data::Type;
using data::TypeKind;

data::Schema some_schema() {
  data::Schema schema;
  schema.schema_id = 3;
  schema.fields = {{1, "id", Type{TypeKind::kLong}, true, "key"},
                   {2, "price", data::decimal_type(38, 4), false, ""},
                   {7, "raw", Type{TypeKind::kFixed, 0, 0, 16, {}}, false, "über"},
                   {8, "tags", *data::parse_type("map<string, list<struct<a: int>>>"), false, ""}};
  schema.identifier_field_ids = {1};
  return schema;
}

data::Batch some_batch() {
  const data::Int128 wide = (static_cast<data::Int128>(1) << 100) + 7;
  data::Batch batch;
  batch.columns = {
      {"b", Type{TypeKind::kBoolean}, {true, false, std::monostate{}}},
      {"i", Type{TypeKind::kInt}, {std::int32_t{-1}, std::monostate{}, std::int32_t{7}}},
      {"l",
       Type{TypeKind::kLong},
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{0},
        std::numeric_limits<std::int64_t>::max()}},
      {"f", Type{TypeKind::kFloat}, {1.5F, -0.0F, std::monostate{}}},
      {"d", Type{TypeKind::kDouble}, {1e300, -0.0, std::numeric_limits<double>::infinity()}},
      {"w", data::decimal_type(38, 0), {wide, data::Int128{-1}, std::monostate{}}},
      {"s", Type{TypeKind::kString}, {std::string("a\0b", 3), std::string(), std::monostate{}}},
      {"n",
       data::list_type({TypeKind::kInt}),
       {data::NestedValue({std::int32_t{1}, std::monostate{}}), data::NestedValue(),
        std::monostate{}}}};
  return batch;
}

ScanInput some_input() {
  return {"bronze.flights", some_schema(), {{"/t/a.parquet", 12, 4096}, {"/t/b.parquet", 0, 0}}};
}

OutputTable some_output() {
  OutputTable output;
  output.schema = some_schema();
  output.dir = "/t/data";
  output.file_prefix = "0198";
  output.parquet = {"snappy", 1, 1 << 20, 1000};
  output.partition = {{"day", "date_diff('day', DATE '1970-01-01', \"ts\")", Type{TypeKind::kInt}}};
  return output;
}

StagedFile some_staged() {
  StagedFile file{"/t/data/0198-x.parquet", 10, 999, 120, {}, {"15706", std::nullopt}};
  file.columns = {{1, "id", 80, 10, 0, "1", "10", false},
                  {2, "p", 1, 10, 10, std::nullopt, "", true}};
  return file;
}

DecodeJob some_decode() {
  DecodeJob job;
  job.files = {{4, "/raw/x", "flights.csv", 100, 77}};
  job.format = FileFormat::kJson;
  job.compression = Compression::kZstd;
  job.encoding = Encoding::kLatin1;
  job.unknown_fields = UnknownFields::kIgnore;
  job.dialect = {';', '\'', false, {"NA", ""}, '\\', '#', 3, ','};
  job.columns = {{"id",
                  Type{TypeKind::kLong},
                  true,
                  "try_cast(\"id\" AS BIGINT)",
                  true,
                  true,
                  {{{"1", "2"}, ValueBound{"0", true}, ValueBound{"9"}, 1, 2}, {}}}};
  job.verdict = "CASE WHEN id IS NULL THEN 'required|id|null' END";
  job.rest = "CASE END";
  job.keys = {{"primary_key", {"id"}}, {"dedupe", {"id", "x"}, 7000}};
  job.references = {{{"id"}, "bronze.a", {"x"}}};
  job.lookups = {some_input()};
  job.recent = some_input();
  job.recent_files = {{1, 2}, {3, 4}};
  job.existing = some_input();
  job.replay = ReplayedRecords{some_input(), "status = 'open'"};
  job.bronze = some_output();
  job.quarantine = some_output();
  job.contract_version = "1.2.0";
  job.run_id = "r";
  job.arrived_at_us = -5;
  return job;
}

InferJob some_infer() {
  InferJob job;
  job.files = {{4, "/raw/x", "flights.csv", 100, 77}};
  job.format = FileFormat::kNdjson;
  job.compression = Compression::kGzip;
  job.encoding = Encoding::kUtf16Be;
  job.dialect.delimiter = ';';
  job.rows_max = 7;
  job.bytes_max = 0;
  job.columns = {"a", "b"};
  job.keys = true;
  return job;
}

data::ColumnProfile some_profile() {
  data::ColumnProfile profile;
  profile.name = "n";
  profile.type = data::list_type({TypeKind::kLong});
  profile.known = true;
  profile.note = "why";
  profile.values = 5;
  profile.nulls = 1;
  profile.misfits = 2;
  profile.distinct = 4;
  profile.distinct_exact = false;
  profile.unique = true;
  profile.minimum = "a";
  profile.maximum = "z";
  profile.length_min = 1;
  profile.length_max = 9;
  profile.domain = {"a", "z"};
  return profile;
}

std::vector<Request> requests() {
  const Limits limits{4, 123, 456, "/spill", "Europe/Berlin"};
  return {
      {ParseJob{{"SELECT 1", ""}}, limits},
      {DescribeJob{{{"bronze.a", {{"x", "INTEGER"}}}}, {{"silver.b", "SELECT x FROM bronze.a"}}},
       {}},
      {StageJob{{some_input()}, "SELECT 1", some_output()}, limits},
      {some_decode(), limits},
      {QueryJob{{some_input()},
                {{"sluice.runs", {{"b", Type{TypeKind::kBoolean}, {}}}, {some_batch()}}},
                "SELECT *",
                10},
       limits},
      {CheckJob{{some_input()}, {{"unique", "SELECT 0", true}}}, limits},
      {FooterJob{{"/a", "/b"}}, limits},
      {ExportJob{{some_input()}, {}, "SELECT 1", ExportFormat::kCsv, "gzip", ';', "/out/a.csv.gz"},
       limits},
      {some_infer(), limits},
      {ExtractJob{DatabaseKind::kSqlite,
                  "/shop.db",
                  {"secret"},
                  "orders",
                  "SELECT 1",
                  "id",
                  "7",
                  "sqlite:orders",
                  "sqlite:other",
                  "/raw/a.parquet",
                  "sources/orders.yaml:4:8",
                  {600, true, {{"id", {"nr"}}}, {{"/raw/0.parquet", "6"}}}},
       limits},
      {DeliverJob{{some_input()},
                  {},
                  "SELECT 1",
                  "postgresql://host/shop",
                  {"secret"},
                  "sales.orders",
                  DeliverMode::kUpsert,
                  {"id", "day"},
                  "ab12",
                  "gold.orders 7",
                  true},
       limits},
  };
}

std::vector<Response> responses() {
  const Usage usage{1, 2, 3, 4, 5, true};
  return {
      {ParseResult{{{"{}", "", -1}, {"", "syntax", 7}}}, usage},
      {DescribeResult{{{{{"x", "INTEGER"}}, "", -1}, {{}, "no such table", 14}}}, {}},
      {StageResult{{some_staged()}, 10}, usage},
      {DecodeResult{{some_staged()}, {some_staged()}, {{4, 10, 9, 1}}, {{"required", "id", 1}}},
       usage},
      {QueryResult{{{"x", Type{TypeKind::kDate}, {}}}, 5, true}, usage},
      {CheckResult{{0, 3}, {std::nullopt, 1.5}}, usage},
      {FooterResult{{{5, ""}, {-1, "no such file"}}}, usage},
      {ExportResult{7, {{"x", Type{TypeKind::kDate}, {}}}}, {}},
      {InferResult{{some_profile()}, {{"a", "b"}}, 1, 2, 3, false, true, {"x"}}, {}},
      {ExtractResult{7, "sqlite:orders", "14"}, {}},
      {DeliverResult{7, "public.orders", true, false, "CREATE TABLE"}, {}},
  };
}

template <class Decode>
void expect_every_cut_is_corrupt(const std::string& bytes, Decode decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(decoded.ok()) << "cut to " << size << " of " << bytes.size();
    ASSERT_EQ(decoded.error().kind, base::ErrorKind::kCorrupt);
  }
  EXPECT_FALSE(decode(bytes + '\0').ok());
}

TEST(Codec, CoversEveryKindOfJobAndAnswer) {
  EXPECT_EQ(requests().size(), std::variant_size_v<Job>);
  EXPECT_EQ(responses().size(), std::variant_size_v<Answer>);
  for (std::size_t i = 0; i < requests().size(); ++i) {
    EXPECT_EQ(requests()[i].job.index(), i);
    EXPECT_EQ(responses()[i].answer.index(), i);
  }
}

TEST(Codec, RefusesValuesNestedWithoutEnd) {
  data::Value value;
  for (int i = 0; i < 1000; ++i) {
    value = data::NestedValue({value});
  }
  data::Batch batch;
  batch.columns = {{"n", data::list_type({TypeKind::kInt}), {value}}};
  EXPECT_FALSE(decode_batch(encode(batch)).ok());
}

TEST(Codec, RefusesATypeWithoutItsNestedFields) {
  data::Batch batch;
  batch.columns = {{"n", Type{TypeKind::kList}, {}}};
  EXPECT_FALSE(decode_batch(encode(batch)).ok());
  batch.columns = {{"n", Type{TypeKind::kInt, 0, 0, 0, {{1, "a", {}, false, ""}}}, {}}};
  EXPECT_FALSE(decode_batch(encode(batch)).ok());
}

TEST(Codec, ReadsBackEveryRequest) {
  for (const Request& request : requests()) {
    const std::string bytes = encode(request);
    const auto decoded = decode_request(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded->job.index(), request.job.index());
    EXPECT_EQ(encode(*decoded), bytes);
  }
}

TEST(Codec, ReadsBackEveryResponse) {
  for (const Response& response : responses()) {
    const std::string bytes = encode(response);
    const auto decoded = decode_response(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(encode(*decoded), bytes);
  }
}

TEST(Codec, KeepsTheFieldsOfADecodeJobApart) {
  const auto decoded = decode_request(encode(Request{some_decode(), {}}));
  ASSERT_TRUE(decoded.ok());
  const auto& job = std::get<DecodeJob>(decoded->job);
  EXPECT_EQ(job.dialect.delimiter, ';');
  EXPECT_EQ(job.dialect.nulls, (std::vector<std::string>{"NA", ""}));
  EXPECT_EQ(job.format, FileFormat::kJson);
  EXPECT_EQ(job.compression, Compression::kZstd);
  EXPECT_EQ(job.encoding, Encoding::kLatin1);
  EXPECT_EQ(job.unknown_fields, UnknownFields::kIgnore);
  EXPECT_EQ(job.dialect.escape, '\\');
  EXPECT_EQ(job.dialect.comment, '#');
  EXPECT_EQ(job.dialect.skip_lines, 3);
  EXPECT_EQ(job.dialect.decimal, ',');
  ASSERT_TRUE(job.existing.has_value());
  EXPECT_EQ(job.existing->schema, some_schema());
  EXPECT_EQ(job.bronze.partition.at(0).type, Type{TypeKind::kInt});
  EXPECT_EQ(job.contract_version, "1.2.0");
  EXPECT_EQ(job.run_id, "r");
  EXPECT_EQ(job.arrived_at_us, -5);
}

TEST(Codec, KeepsTheStatisticsOfAStagedFileApart) {
  const auto decoded = decode_response(encode(Response{StageResult{{some_staged()}, 10}, {}}));
  ASSERT_TRUE(decoded.ok());
  const StagedFile& file = std::get<StageResult>(decoded->answer).files.at(0);
  EXPECT_EQ(file.bytes, 999);
  EXPECT_EQ(file.footer_bytes, 120);
  EXPECT_EQ(file.columns.at(1).min, std::nullopt);
  EXPECT_EQ(file.columns.at(1).max, "");
  EXPECT_TRUE(file.columns.at(1).has_nan);
  EXPECT_EQ(file.partition, (std::vector<std::optional<std::string>>{"15706", std::nullopt}));
}

TEST(Codec, ReadsBackABatchOfEveryKindOfValue) {
  const auto decoded = decode_batch(encode(some_batch()));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, some_batch());
}

TEST(Codec, RefusesEveryTruncation) {
  for (const Request& request : requests()) {
    expect_every_cut_is_corrupt(encode(request), decode_request);
  }
  for (const Response& response : responses()) {
    expect_every_cut_is_corrupt(encode(response), decode_response);
  }
  expect_every_cut_is_corrupt(encode(some_batch()), decode_batch);
}

TEST(Codec, RefusesACountThatCannotBe) {
  std::string bytes = encode(Request{FooterJob{{"/a"}}, {}});
  bytes.replace(1, 4, "\xff\xff\xff\xff");  // after the job's index: the number of paths
  EXPECT_EQ(decode_request(bytes).error().kind, base::ErrorKind::kCorrupt);
}

TEST(Codec, RefusesAnUnknownJob) {
  std::string bytes = encode(Request{FooterJob{}, {}});
  bytes[0] = static_cast<char>(std::variant_size_v<Job>);
  EXPECT_EQ(decode_request(bytes).error().kind, base::ErrorKind::kCorrupt);
}

TEST(Codec, RefusesABatchOfUnevenColumns) {
  data::Batch batch = some_batch();
  batch.columns.back().values.pop_back();
  EXPECT_EQ(decode_batch(encode(batch)).error().kind, base::ErrorKind::kCorrupt);
}

// What a changed byte makes must be refused, or be a message that encodes to those very bytes.
TEST(Codec, SurvivesChangedBytes) {
  std::mt19937_64 random(7);
  for (const Request& request : requests()) {
    const std::string good = encode(request);
    for (int round = 0; round < 2000; ++round) {
      std::string bytes = good;
      for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      if (const auto decoded = decode_request(bytes); decoded.ok()) {
        ASSERT_EQ(encode(*decoded), bytes);
      }
    }
  }
}

}  // namespace
}  // namespace sluice::job
