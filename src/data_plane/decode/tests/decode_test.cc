#include "sluice/decode/decode.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sluice/duck_jobs/query.h"

namespace sluice::decode {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice_test_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

 private:
  std::string path_;
};

class DecodeTest : public testing::TestWithParam<int> {
 protected:
  ScratchFolder folder_;
  job::Limits limits_{GetParam(), std::int64_t{512} << 20, 0, "", "UTC"};

  /// A contract of id (int, required, 0..1000), day (date), name (required).
  job::DecodeJob job_of(const std::vector<std::string>& contents) {
    job::DecodeJob job;
    for (const std::string& content : contents) {
      land(job, content);
    }
    job.columns = {
        {"id", *data::parse_type("int"), true, "TRY_CAST(\"id\" AS INTEGER)"},
        {"day", *data::parse_type("date"), false, "TRY_CAST(\"day\" AS DATE)"},
        {"name", *data::parse_type("string"), true, "\"name\""},
    };
    job.verdict =
        "CASE WHEN \"id\" IS NULL THEN 'required|id|no value' "
        "WHEN \"name\" IS NULL THEN 'required|name|no value' "
        "WHEN TRY_CAST(\"id\" AS INTEGER) IS NULL THEN 'type|id|''' || \"id\" || ''' is no int' "
        "WHEN \"day\" IS NOT NULL AND TRY_CAST(\"day\" AS DATE) IS NULL THEN 'type|day|no date' "
        "WHEN TRY_CAST(\"id\" AS INTEGER) NOT BETWEEN 0 AND 1000000 THEN 'range|id|out of range' "
        "END";
    job.bronze.schema.fields = {{1, "id", *data::parse_type("int"), true},
                                {2, "day", *data::parse_type("date")},
                                {3, "name", *data::parse_type("string"), true},
                                {4, job::kFileColumn, *data::parse_type("long"), true},
                                {5, job::kLineColumn, *data::parse_type("long"), true}};
    job.bronze.dir = folder_ / "bronze";
    job.bronze.file_prefix = "b";
    job.quarantine.schema = job::quarantine_schema();
    job.quarantine.dir = folder_ / "quarantine";
    job.quarantine.file_prefix = "q";
    job.contract_version = "1.0.0";
    job.run_id = "run-1";
    job.arrived_at_us = 1'357'016'400'123'456;
    return job;
  }

  void land(job::DecodeJob& job, const std::string& content) {
    const auto seq = static_cast<std::int64_t>(job.files.size()) + 1;
    const std::string name = fmt::format("drop{}.csv", seq);
    std::ofstream(folder_ / name, std::ios::binary) << content;
    job.files.push_back({seq, folder_ / name, name, static_cast<std::int64_t>(content.size())});
  }

  job::DecodeResult decode(const job::DecodeJob& job) {
    auto result = run_decode(job, limits_, {});
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? *result : job::DecodeResult{};
  }

  static std::vector<std::string> rows(const data::Schema& schema,
                                       const std::vector<job::StagedFile>& files,
                                       const std::string& sql) {
    job::ScanInput input{"t", schema, {}};
    for (const job::StagedFile& file : files) {
      input.files.push_back({file.path, file.rows, file.bytes});
    }
    std::vector<std::string> rows;
    const auto sink = [&](data::Batch batch) -> base::Status {
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        std::string text;
        for (const data::Column& column : batch.columns) {
          text += text.empty() ? "" : "|";
          text +=
              data::is_null(column.values[row]) ? "~" : to_text(column.values[row], column.type);
        }
        rows.push_back(std::move(text));
      }
      return {};
    };
    const auto result = duck_jobs::run_query({{input}, {}, sql, 0}, {}, sink, {});
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return rows;
  }

  static std::vector<std::string> good(const job::DecodeJob& job, const job::DecodeResult& result) {
    return rows(job.bronze.schema, result.bronze, "FROM t ORDER BY _sluice_file, _sluice_line");
  }

  static std::vector<std::string> refused(const job::DecodeJob& job,
                                          const job::DecodeResult& result) {
    return rows(
        job.quarantine.schema, result.quarantine,
        "SELECT file_id, line, byte_offset, rule, \"column\", payload, payload_bytes FROM t "
        "ORDER BY file_id, line");
  }

  static std::vector<std::string> counts(const job::DecodeResult& result) {
    std::vector<std::string> counts;
    for (const job::DecodedFile& file : result.files) {
      counts.push_back(
          fmt::format("{}: {} = {} + {}", file.seq, file.records, file.good, file.refused));
    }
    return counts;
  }
};

TEST_P(DecodeTest, StagesGoodRowsWithTheirPlace) {
  const auto job =
      job_of({"id,day,name\n1,2013-01-01,a\n2,,\"x\ny\"\n3,2013-01-02,c\n", "name,id\nz,9\n"});
  const auto result = decode(job);
  EXPECT_THAT(good(job, result),
              ElementsAre("1|2013-01-01|a|1|2", "2|~|x\ny|1|3", "3|2013-01-02|c|1|5", "9|~|z|2|2"));
  EXPECT_THAT(result.quarantine, IsEmpty());
  EXPECT_THAT(result.refused, IsEmpty());
  EXPECT_THAT(counts(result), ElementsAre("1: 3 = 3 + 0", "2: 1 = 1 + 0"));
}

TEST_P(DecodeTest, RefusesEveryDamageAloneWithItsPlaceAndPayload) {
  const auto job =
      job_of({"id,day,name\n"
              "x,2013-01-01,a\n"
              "2,2013-13-01,b\n"
              "3,2013-01-03\n"
              "4,,\n"
              "-5,,e\n"
              "6,,f\xFF\n"
              "7,,g\n"
              "8,,\"h\n"});
  const auto result = decode(job);
  EXPECT_THAT(good(job, result), ElementsAre("7|~|g|1|8"));
  EXPECT_THAT(refused(job, result),
              ElementsAre("1|2|12|type|id|x,2013-01-01,a|14", "1|3|27|type|day|2,2013-13-01,b|14",
                          "1|4|42|malformed|~|3,2013-01-03|12", "1|5|55|required|name|4,,|3",
                          "1|6|59|range|id|-5,,e|5", "1|7|65|malformed|name|6,,f\\xff|5",
                          "1|9|76|malformed|name|8,,\"h\n|6"));
  EXPECT_THAT(counts(result), ElementsAre("1: 8 = 1 + 7"));
  EXPECT_THAT(
      rows(job.quarantine.schema, result.quarantine,
           "SELECT DISTINCT file_name, contract_version, arrived_at, run_id, status FROM t"),
      ElementsAre("drop1.csv|1.0.0|2013-01-01T05:00:00.123456Z|run-1|open"));
  EXPECT_THAT(rows(job.quarantine.schema, result.quarantine,
                   "SELECT reason FROM t WHERE line = 2 OR line = 4 ORDER BY line"),
              ElementsAre("'x' is no int", "2 fields where 3 are expected"));
  std::vector<std::string> rules;
  for (const job::RefusedCount& count : result.refused) {
    rules.push_back(fmt::format("{}/{}={}", count.rule, count.column, count.records));
  }
  EXPECT_THAT(rules, ElementsAre("malformed/=1", "malformed/name=2", "range/id=1",
                                 "required/name=1", "type/day=1", "type/id=1"));
}

TEST_P(DecodeTest, AFileWithAWrongHeaderIsRefusedWhole) {
  const auto job = job_of({"id,day\n1,\n2,\n", "id,name,extra\n1,a,b\n", "id,name\n3,c\n"});
  const auto result = decode(job);
  EXPECT_THAT(good(job, result), ElementsAre("3|~|c|3|2"));
  EXPECT_THAT(refused(job, result),
              ElementsAre("1|2|7|missing_column|name|1,|2", "1|3|10|missing_column|name|2,|2",
                          "2|2|14|unknown_column|extra|1,a,b|5"));
}

TEST_P(DecodeTest, FilesWithoutRecordsYieldNothing) {
  const auto job = job_of({"", "id,day,name\n", "id,day,name", "\n\n"});
  const auto result = decode(job);
  EXPECT_THAT(result.bronze, IsEmpty());
  EXPECT_THAT(result.quarantine, IsEmpty());
  EXPECT_THAT(counts(result),
              ElementsAre("1: 0 = 0 + 0", "2: 0 = 0 + 0", "3: 0 = 0 + 0", "4: 0 = 0 + 0"));
}

TEST_P(DecodeTest, NoFilesYieldNothing) {
  const auto result = decode(job_of({}));
  EXPECT_THAT(result.bronze, IsEmpty());
  EXPECT_THAT(result.files, IsEmpty());
}

TEST_P(DecodeTest, AllRefusedMakesNoBronzeFile) {
  const auto job = job_of({"id,day,name\nx,,a\n"});
  const auto result = decode(job);
  EXPECT_THAT(result.bronze, IsEmpty());
  EXPECT_EQ(result.quarantine.size(), 1u);
}

TEST_P(DecodeTest, ManyRowsAreCountedExactly) {
  std::vector<std::string> contents;
  std::int64_t id = 0;
  for (int file = 0; file < 12; ++file) {
    std::string& content = contents.emplace_back("id,day,name\n");
    for (int row = 0; row < 20'000; ++row, ++id) {
      content +=
          id % 7 == 0 ? fmt::format("x{},,bad\n", id) : fmt::format("{},2013-01-01,ok\n", id);
    }
  }
  const auto job = job_of(contents);
  const auto result = decode(job);
  EXPECT_THAT(rows(job.bronze.schema, result.bronze,
                   "SELECT count(*), count(DISTINCT id), sum(id), count(DISTINCT (_sluice_file, "
                   "_sluice_line)) FROM t"),
              ElementsAre(fmt::format(
                  "{0}|{0}|{1}|{0}", 240'000 - 34'286,
                  std::int64_t{240'000} * 239'999 / 2 - std::int64_t{7} * 34'285 * 34'286 / 2)));
  EXPECT_THAT(
      rows(job.quarantine.schema, result.quarantine,
           "SELECT count(*), count(DISTINCT payload), count(DISTINCT (file_id, line)) FROM t"),
      ElementsAre("34286|34286|34286"));
  for (const job::DecodedFile& file : result.files) {
    EXPECT_EQ(file.records, 20'000);
  }
}

TEST_P(DecodeTest, ALineOverTheLimitIsRefusedWithItsFrontAndLength) {
  job::DecodeJob job = job_of({"id,day,name\n1,,a\n"});
  const std::string path = folder_ / "drop1.csv";
  std::filesystem::resize_file(path, 64 << 20);  // sparse: one line of NULs
  std::ofstream(path, std::ios::binary | std::ios::app) << "\n2,,b\n";
  job.files[0].bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  limits_.memory_bytes = 200 << 20;
  const auto result = decode(job);
  EXPECT_THAT(good(job, result), ElementsAre("1|~|a|1|2", "2|~|b|1|4"));
  EXPECT_THAT(rows(job.quarantine.schema, result.quarantine,
                   "SELECT line, rule, length(payload), payload_bytes FROM t"),
              ElementsAre(fmt::format("3|malformed|4096|{}", (64 << 20) - 17)));
}

TEST_P(DecodeTest, ALongPayloadIsCut) {
  const auto job = job_of({"id,day,name\nx,," + std::string(100'000, 'n') + "\n"});
  EXPECT_THAT(rows(job.quarantine.schema, decode(job).quarantine,
                   "SELECT length(payload), payload_bytes FROM t"),
              ElementsAre("65536|100003"));
}

TEST_P(DecodeTest, TheFirstOfAKeyStaysWithinTheBatch) {
  job::DecodeJob job = job_of({"id,name\n1,a\n2,b\n1,c\n", "id,name\n3,d\n2,\"e\n\"\n1,f\n4,g\n"});
  job.keys = {{"primary_key", {"id"}}};
  const auto result = decode(job);
  EXPECT_THAT(good(job, result), ElementsAre("1|~|a|1|2", "2|~|b|1|3", "3|~|d|2|2", "4|~|g|2|6"));
  EXPECT_THAT(refused(job, result),
              ElementsAre("1|4|16|duplicate_key|id|1,c|3", "2|3|12|duplicate_key|id|2,\"e\n\"|6",
                          "2|5|19|duplicate_key|id|1,f|3"));
  EXPECT_THAT(rows(job.quarantine.schema, result.quarantine,
                   "SELECT reason FROM t WHERE file_id = 2 ORDER BY line"),
              ElementsAre("primary key (id) is already in file 1, line 3",
                          "primary key (id) is already in file 1, line 2"));
  EXPECT_THAT(counts(result), ElementsAre("1: 3 = 2 + 1", "2: 4 = 2 + 2"));
  EXPECT_EQ(folder_.files(), 2u + 2u);
}

TEST_P(DecodeTest, TheTableComesBeforeTheBatchAndNullsAreNeverEqual) {
  job::DecodeJob before = job_of({"id,day,name\n10,2013-01-01,a\n11,,b\n"});
  before.bronze.dir = folder_ / "table";
  const auto table = decode(before);
  job::DecodeJob job =
      job_of({"id,day,name\n12,2013-01-01,x\n10,2013-02-02,y\n13,,z\n14,,w\n15,2013-03-03,v\n"});
  job.keys = {{"primary_key", {"id"}}, {"unique", {"day"}}};
  job.existing = job::ScanInput{"bronze.t", job.bronze.schema, {}};
  for (const job::StagedFile& file : table.bronze) {
    job.existing->files.push_back({file.path, file.rows, file.bytes});
  }
  const auto result = decode(job);
  EXPECT_THAT(good(job, result), ElementsAre("13|~|z|1|4", "14|~|w|1|5", "15|2013-03-03|v|1|6"));
  EXPECT_THAT(refused(job, result), ElementsAre("1|2|12|duplicate_key|day|12,2013-01-01,x|15",
                                                "1|3|28|duplicate_key|id|10,2013-02-02,y|15"));
}

TEST_P(DecodeTest, AReplayTakesOnlyWhatWasRefusedBefore) {
  job::DecodeJob job = job_of({"id,day,name\n1,,a\n-5,,b\n-6,,c\nx,,d\n", "id,day,name\n-1,,e\n"});
  const auto before = decode(job);
  EXPECT_THAT(counts(before), ElementsAre("1: 4 = 1 + 3", "2: 1 = 0 + 1"));
  job.verdict = "CASE WHEN TRY_CAST(\"id\" AS INTEGER) IS NULL THEN 'number|id|no number' END";
  job.replay = job::ReplayedRecords{{"quarantine.t", job.quarantine.schema, {}},
                                    "status = 'open' AND line <> 3"};
  for (const job::StagedFile& file : before.quarantine) {
    job.replay->quarantine.files.push_back({file.path, file.rows, file.bytes});
  }
  job.bronze.dir = folder_ / "again";
  job.quarantine.dir = folder_ / "refused-again";
  const auto result = decode(job);
  EXPECT_THAT(good(job, result), ElementsAre("-6|~|c|1|4", "-1|~|e|2|2"));
  EXPECT_THAT(refused(job, result), ElementsAre("1|5|29|number|id|x,,d|4"));
  EXPECT_THAT(counts(result), ElementsAre("1: 2 = 1 + 1", "2: 1 = 1 + 0"));
  job.dialect.delimiter = ';';
  job.replay->condition = "true";
  job.columns = {{"id,day,name", *data::parse_type("string"), true, "\"id,day,name\""}};
  job.bronze.schema.fields[0] = {1, "id,day,name", *data::parse_type("string"), true};
  job.bronze.schema.fields.erase(job.bronze.schema.fields.begin() + 1,
                                 job.bronze.schema.fields.begin() + 3);
  job.verdict = "";
  EXPECT_EQ(good(job, decode(job)).size(), 4u) << "the same records under another dialect";
}

TEST_P(DecodeTest, ARowThatOneKeyRefusedDoesNotCountForTheNext) {
  job::DecodeJob job = job_of({"id,day,name\n1,2013-01-01,a\n1,2013-02-02,b\n2,2013-02-02,c\n"});
  job.keys = {{"primary_key", {"id"}}, {"unique", {"day"}}};
  EXPECT_THAT(good(job, decode(job)), ElementsAre("1|2013-01-01|a|1|2", "2|2013-02-02|c|1|4"));
}

TEST_P(DecodeTest, KeysOverAnEmptyTableAndNoDuplicatesRewriteNothing) {
  job::DecodeJob job = job_of({"id,day,name\n1,2013-01-01,a\n2,,b\n"});
  job.keys = {{"unique", {"id", "name"}}};
  job.existing = job::ScanInput{"bronze.t", job.bronze.schema, {}};
  const auto result = decode(job);
  EXPECT_EQ(good(job, result).size(), 2u);
  EXPECT_EQ(folder_.files(), 1u + 1u);
}

TEST_P(DecodeTest, PartitionsTheTable) {
  job::DecodeJob job =
      job_of({"id,day,name\n1,2013-01-01,a\n2,2013-01-02,b\n3,,c\n1,2013-01-05,d\n"});
  job.keys = {{"primary_key", {"id"}}};
  job.bronze.partition = {{"day", "\"day\"", *data::parse_type("date")}};
  const auto result = decode(job);
  std::set<std::string> partitions;
  for (const job::StagedFile& file : result.bronze) {
    partitions.insert(file.partition[0].value_or("~"));
  }
  EXPECT_THAT(partitions, ElementsAre("2013-01-01", "2013-01-02", "~"));
}

TEST_P(DecodeTest, ATableColumnThatTheContractDroppedIsNull) {
  job::DecodeJob job = job_of({"id,day,name\n1,,a\n"});
  job.bronze.schema.fields.push_back({6, "old", *data::parse_type("double")});
  EXPECT_THAT(good(job, decode(job)), ElementsAre("1|~|a|1|2|~"));
}

TEST_P(DecodeTest, AMissingFileIsAnErrorAndLeavesNothing) {
  job::DecodeJob job = job_of({"id,day,name\n1,,a\n"});
  job.files.push_back({2, folder_ / "gone.csv", "gone.csv", 1});
  const auto result = run_decode(job, limits_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(result.error().message, HasSubstr("gone.csv"));
  EXPECT_EQ(folder_.files(), 1u);
}

TEST_P(DecodeTest, AWrongVerdictIsAnErrorAndLeavesNothing) {
  job::DecodeJob job = job_of({"id,day,name\n1,,a\n"});
  job.verdict = "nosuch(id)";
  const auto result = run_decode(job, limits_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(folder_.files(), 1u);
}

TEST_P(DecodeTest, AFailureAfterStagingRemovesTheStagedFiles) {
  job::DecodeJob job = job_of({"id,day,name\n1,,a\nx,,b\n"});
  job.quarantine.dir = folder_ / "drop1.csv";  // a file where a folder should be
  const auto result = run_decode(job, limits_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(folder_.files(), 1u);
}

TEST_P(DecodeTest, CancelEndsALongScan) {
  job::DecodeJob job = job_of({"id,day,name\n"});
  std::filesystem::resize_file(folder_ / "drop1.csv", std::int64_t{40} << 30);  // sparse
  std::stop_source source;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    source.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run_decode(job, limits_, source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1200));
}

INSTANTIATE_TEST_SUITE_P(Threads, DecodeTest, testing::Values(1, 2, 4));

}  // namespace
}  // namespace sluice::decode
