#include "sluice/duck_jobs/stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sluice/duck_jobs/tests/rows_of.h"
#include "sluice/duck_jobs/tests/scratch_folder.h"

namespace sluice::duck_jobs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

data::Schema schema_of(const std::vector<std::pair<std::string, std::string>>& columns) {
  data::Schema schema;
  for (const auto& [name, type] : columns) {
    schema.fields.push_back({0, name, *data::parse_type(type)});
  }
  assign_field_ids(schema, 0);
  return schema;
}

class StageTest : public testing::Test {
 protected:
  ScratchFolder folder_;
  job::Limits limits_{2, std::int64_t{512} << 20, 0, "", "UTC"};

  job::StageJob job_of(const data::Schema& schema, const std::string& sql) {
    job::StageJob job;
    job.sql = sql;
    job.output.schema = schema;
    job.output.dir = folder_ / "out";
    job.output.file_prefix = "run1";
    return job;
  }

  void expect_refused(const job::StageJob& job, ErrorKind kind, const std::string& message) {
    const auto result = run_stage(job, limits_, {});
    ASSERT_FALSE(result.ok()) << job.sql;
    EXPECT_EQ(result.error().kind, kind) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(message));
    std::filesystem::create_directories(folder_ / "out");
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "out")) << job.sql;
  }
};

const job::ColumnStatsText& stats_of(const job::StagedFile& file, const std::string& column) {
  for (const job::ColumnStatsText& stats : file.columns) {
    if (stats.column == column) {
      return stats;
    }
  }
  ADD_FAILURE() << "no statistics of " << column;
  return file.columns.front();
}

struct TypeCase {
  const char* type;
  const char* low;  // SQL
  const char* high;
  const char* min;  // text of the bound, "" none
  const char* max;
};

class StagesType : public StageTest, public testing::WithParamInterface<TypeCase> {};

TEST_P(StagesType, AndReadsItBackByFieldId) {
  const TypeCase& c = GetParam();
  data::Schema schema = schema_of({{"v", c.type}});
  schema.fields[0].id = 7;
  const auto result =
      run_stage(job_of(schema, std::string("SELECT ") + c.low + " AS v UNION ALL SELECT " + c.high +
                                   " UNION ALL SELECT NULL"),
                limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  ASSERT_EQ(result->files.size(), 1u);
  const job::StagedFile& file = result->files[0];
  EXPECT_EQ(file.rows, 3);
  EXPECT_EQ(file.bytes, static_cast<std::int64_t>(std::filesystem::file_size(file.path)));
  EXPECT_GT(file.footer_bytes, 0);
  const job::ColumnStatsText& stats = stats_of(file, "v");
  EXPECT_EQ(stats.values, 3);
  EXPECT_EQ(stats.nulls, 1);
  EXPECT_EQ(stats.min.value_or("none"), c.min);
  EXPECT_EQ(stats.max.value_or("none"), c.max);
  schema.fields[0].name = "renamed";
  const auto back = rows_of({input_of("t", schema, result->files)},
                            std::string("SELECT typeof(renamed), count(*) FROM t GROUP BY ALL"));
  const std::string name = data::duckdb_name(schema.fields[0].type);
  EXPECT_THAT(back,
              ElementsAre((name == "TIMESTAMPTZ" ? "TIMESTAMP WITH TIME ZONE" : name) + "|3"));
  EXPECT_THAT(rows_of({input_of("t", schema, result->files)},
                      std::string("SELECT count(*) FROM t WHERE renamed = ") + c.low +
                          " OR renamed = " + c.high + " OR renamed IS NULL"),
              ElementsAre("3"));
}

INSTANTIATE_TEST_SUITE_P(
    EveryType, StagesType,
    testing::Values(
        TypeCase{"boolean", "false", "true", "false", "true"},
        TypeCase{"int", "-5::INT", "2147483647::INT", "-5", "2147483647"},
        TypeCase{"long", "-9223372036854775807::BIGINT", "5::BIGINT", "-9223372036854775807", "5"},
        TypeCase{"float", "0.1::FLOAT", "'inf'::FLOAT", "0.1", "inf"},
        TypeCase{"double", "-1e300::DOUBLE", "0.0::DOUBLE", "-1e+300", "0.0"},
        TypeCase{"decimal(9, 2)", "-1.25::DECIMAL(9,2)", "9999999.99::DECIMAL(9,2)", "-1.25",
                 "9999999.99"},
        TypeCase{"decimal(38, 0)", "-5::HUGEINT", "99999999999999999999999999999999999999::HUGEINT",
                 "-5", "99999999999999999999999999999999999999"},
        TypeCase{"decimal(20, 0)", "5::UBIGINT", "18446744073709551615::UBIGINT", "5",
                 "18446744073709551615"},
        TypeCase{"date", "DATE '0001-01-01'", "DATE '9999-12-31'", "0001-01-01", "9999-12-31"},
        TypeCase{"date", "DATE '0044-03-15 (BC)'", "DATE '2013-01-01'", "none", "2013-01-01"},
        TypeCase{"time", "TIME '00:00:00'", "TIME '23:59:59.999999'", "00:00:00",
                 "23:59:59.999999"},
        TypeCase{"timestamp", "TIMESTAMP '1500-01-01 00:00:00'",
                 "TIMESTAMP '2013-01-01 00:00:00.000001'", "1500-01-01T00:00:00",
                 "2013-01-01T00:00:00.000001"},
        TypeCase{"timestamptz", "TIMESTAMPTZ '1969-12-31 23:59:59+00'",
                 "TIMESTAMPTZ '2013-01-01 02:00:00+02'", "1969-12-31T23:59:59Z",
                 "2013-01-01T00:00:00Z"},
        TypeCase{"string", "''", "'zürich'", "", "zürich"},
        TypeCase{"string", "'a'", "repeat('z', 300)", "a", "none"},
        TypeCase{"string", "'m'", "repeat('é', 300)", "none", "none"},
        TypeCase{"string", "'\"q\"'::JSON", "'{}'::JSON", "\"q\"", "{}"},
        TypeCase{"uuid", "UUID '00112233-4455-6677-8899-aabbccddeeff'",
                 "UUID 'ffffffff-4455-6677-8899-aabbccddeeff'",
                 "00112233-4455-6677-8899-aabbccddeeff", "ffffffff-4455-6677-8899-aabbccddeeff"},
        TypeCase{"binary", "'\\x00a'::BLOB", "'\\xFF'::BLOB", "0061", "ff"}));

TEST_F(StageTest, NaNIsSeenInEveryRowGroupAndTakesTheBoundsAway) {
  job::StageJob job = job_of(schema_of({{"d", "double"}, {"e", "double"}}),
                             "SELECT CASE WHEN range = 1 THEN 'nan'::DOUBLE ELSE 5 END AS d, "
                             "range::DOUBLE AS e FROM range(8192)");
  job.output.parquet.row_group_rows = 2048;
  const auto result = run_stage(job, limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  const job::ColumnStatsText& with = stats_of(result->files[0], "d");
  EXPECT_TRUE(with.has_nan);
  EXPECT_FALSE(with.min.has_value());
  EXPECT_FALSE(with.max.has_value());
  const job::ColumnStatsText& without = stats_of(result->files[0], "e");
  EXPECT_FALSE(without.has_nan);
  EXPECT_EQ(without.min, "-0.0");
  EXPECT_EQ(without.max, "8191");
}

TEST_F(StageTest, FilesLieFlatUnderTheirPrefix) {
  const auto result = run_stage(
      job_of(schema_of({{"i", "long"}}), "SELECT range AS i FROM range(10)"), limits_, {});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->files[0].path, HasSubstr(folder_ / "out/run1-"));
  EXPECT_EQ(folder_.entries(), 2u);  // `out` and the file
}

TEST_F(StageTest, NoRowsMakeNoFiles) {
  const auto result = run_stage(
      job_of(schema_of({{"i", "long"}}), "SELECT 1::BIGINT AS i WHERE false"), limits_, {});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->files.empty());
  EXPECT_EQ(result->rows, 0);
}

TEST_F(StageTest, RollsToAnotherFileAtTheTargetSize) {
  job::StageJob job =
      job_of(schema_of({{"i", "long"}}),
             "SELECT hash(range)::BIGINT & 1152921504606846975 AS i FROM range(1000000)");
  job.sql = "SELECT (hash(range) % 1000000007)::BIGINT AS i FROM range(2000000)";
  job.output.parquet.file_bytes_target = 4 << 20;
  const auto result = run_stage(job, limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_GE(result->files.size(), 2u);
  EXPECT_LE(result->files.size(), 5u);
  EXPECT_EQ(result->rows, 2'000'000);
}

TEST_F(StageTest, KeepsPartitionValuesThatNoFolderCouldBeNamedBy) {
  job::StageJob job =
      job_of(schema_of({{"n", "long"}, {"c", "string"}}),
             "SELECT n, c FROM (VALUES (1, repeat('x', 300)), (2, 'a/../b'), (3, ''), (4, NULL), "
             "(5, '__HIVE_DEFAULT_PARTITION__'), (6, 'c=d%2F\u00e9'), (7, 'NULL'), "
             "(8, 'x' || chr(0) || 'y'), (9, repeat('x', 301))) t(n, c)");
  job.output.partition = {{"c", "\"c\"", *data::parse_type("string")}};
  const auto result = run_stage(job, limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  std::set<std::optional<std::string>> seen;
  for (const job::StagedFile& file : result->files) {
    EXPECT_EQ(file.rows, 1);
    seen.insert(file.partition[0]);
  }
  const std::set<std::optional<std::string>> wanted = {
      std::string(300, 'x'),        "a/../b",       "",     std::nullopt,
      "__HIVE_DEFAULT_PARTITION__", "c=d%2F\u00e9", "NULL", std::string("x\0y", 3),
      std::string(301, 'x')};
  EXPECT_EQ(seen, wanted);
}

TEST_F(StageTest, SplitsTheFilesOfAPartitionBySize) {
  job::StageJob job = job_of(schema_of({{"p", "int"}, {"c", "string"}}),
                             "SELECT CAST(range % 2 AS INTEGER) AS p, md5(range::VARCHAR) AS c "
                             "FROM range(200000)");
  job.output.partition = {{"p", "\"p\"", *data::parse_type("int")}};
  job.output.parquet.file_bytes_target = 256 << 10;
  const auto result = run_stage(job, limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  std::map<std::string, int> files;
  for (const job::StagedFile& file : result->files) {
    ++files[*file.partition[0]];
    EXPECT_LT(file.bytes, 1 << 20);
  }
  EXPECT_GE(files["0"], 3);
  EXPECT_GE(files["1"], 3);
  EXPECT_THAT(rows_of({input_of("t", job.output.schema, result->files)},
                      "SELECT count(*), count(DISTINCT c) FROM t"),
              ElementsAre("200000|200000"));
}

TEST_F(StageTest, PartitionsByHelperColumnsThatAreNotWritten) {
  job::StageJob job =
      job_of(schema_of({{"ts", "timestamp"}, {"c", "string"}}),
             "SELECT TIMESTAMP '2013-01-01 10:00:00' + to_days(range::INT % 2) AS ts, "
             "CASE WHEN range % 4 < 2 THEN 'a/b=c %é' END AS c FROM range(100)");
  job.output.partition = {
      {"ts_day", "date_diff('day', DATE '1970-01-01', \"ts\")", *data::parse_type("int")},
      {"c", "\"c\"", *data::parse_type("string")}};
  const auto result = run_stage(job, limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  std::set<std::string> seen;
  for (const job::StagedFile& file : result->files) {
    EXPECT_EQ(file.columns.size(), 2u);
    EXPECT_EQ(file.path.find('/', (folder_ / "out/").size()), std::string::npos);
    seen.insert(*file.partition[0] + " " + file.partition[1].value_or("~"));
  }
  EXPECT_THAT(seen, ElementsAre("15706 a/b=c %é", "15706 ~", "15707 a/b=c %é", "15707 ~"));
  EXPECT_THAT(rows_of({input_of("t", job.output.schema, result->files)},
                      "SELECT count(*), count(c) FROM t"),
              ElementsAre("100|50"));
}

TEST_F(StageTest, ReadsFilesOfOlderSchemas) {
  const auto old_files =
      run_stage(job_of(schema_of({{"a", "int"}, {"b", "string"}}), "SELECT 1::INT AS a, 'x' AS b"),
                limits_, {});
  ASSERT_TRUE(old_files.ok());
  data::Schema schema = schema_of({{"a wide", "long"}, {"b", "string"}, {"added", "double"}});
  std::swap(schema.fields[0], schema.fields[1]);
  const auto fresh = run_stage(
      job_of(schema, "SELECT 'y' AS b, 5000000000::BIGINT AS \"a wide\", 1.5::DOUBLE AS added"),
      limits_, {});
  ASSERT_TRUE(fresh.ok()) << fresh.error().message;
  auto files = old_files->files;
  files.push_back(fresh->files[0]);
  EXPECT_THAT(rows_of({input_of("bronze.t", schema, files)}, "FROM bronze.t ORDER BY b"),
              ElementsAre("x|1|~", "y|5000000000|1.5"));
}

TEST_F(StageTest, JoinsInputsOfSeveralNamespacesAndEmptyTables) {
  const data::Schema schema = schema_of({{"i", "long"}});
  const auto files = run_stage(job_of(schema, "SELECT range AS i FROM range(10)"), limits_, {});
  ASSERT_TRUE(files.ok());
  job::StageJob job = job_of(
      schema,
      "SELECT a.i FROM bronze.\"odd \"\"name\" a LEFT JOIN silver.none b ON a.i = b.i -- end");
  job.inputs = {input_of("bronze.odd \"name", schema, files->files), {"silver.none", schema, {}}};
  const auto result = run_stage(job, limits_, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->rows, 10);
}

TEST_F(StageTest, RefusesColumnsThatAreNotTheTables) {
  const data::Schema schema = schema_of({{"a", "int"}, {"b", "string"}});
  expect_refused(job_of(schema, "SELECT 1::INT AS a"), ErrorKind::kInvalidInput, "'b'");
  expect_refused(job_of(schema, "SELECT 1::INT AS a, 'x' AS b, 2 AS c"), ErrorKind::kInvalidInput,
                 "'c'");
  expect_refused(job_of(schema, "SELECT 1::INT AS a, 'x' AS b, 2 AS A"), ErrorKind::kInvalidInput,
                 "two columns");
  expect_refused(job_of(schema, "SELECT INTERVAL 1 DAY AS a, 'x' AS b"), ErrorKind::kUnsupported,
                 "INTERVAL");
}

TEST_F(StageTest, NeverRoundsOrCutsAValue) {
  expect_refused(job_of(schema_of({{"a", "decimal(9, 2)"}}), "SELECT 1.005::DOUBLE AS a"),
                 ErrorKind::kInvalidInput, "cast it");
  expect_refused(job_of(schema_of({{"a", "decimal(9, 2)"}}), "SELECT 1.005::DECIMAL(9,3) AS a"),
                 ErrorKind::kInvalidInput, "cast it");
  expect_refused(job_of(schema_of({{"a", "date"}}), "SELECT TIMESTAMP '2013-01-01 10:00:00' AS a"),
                 ErrorKind::kInvalidInput, "cast it");
  expect_refused(job_of(schema_of({{"a", "int"}}), "SELECT range + 2147483640 AS a FROM range(10)"),
                 ErrorKind::kInvalidInput, "out of range");
}

TEST_F(StageTest, RefusesNullInARequiredColumn) {
  data::Schema schema = schema_of({{"a", "int"}});
  schema.fields[0].required = true;
  expect_refused(job_of(schema, "SELECT 1::INT AS a UNION ALL SELECT NULL"),
                 ErrorKind::kContractViolation, "'a' is required");
}

TEST_F(StageTest, RefusesFixedColumns) {
  expect_refused(job_of(schema_of({{"a", "fixed[2]"}}), "SELECT 'ab'::BLOB AS a"),
                 ErrorKind::kInvalidInput, "cast it");
}

TEST_F(StageTest, NamesAMissingInputFile) {
  const data::Schema schema = schema_of({{"i", "long"}});
  job::StageJob job = job_of(schema, "SELECT i FROM t");
  job.inputs = {{"t", schema, {{folder_ / "gone.parquet", 1, 1}}}};
  const auto result = run_stage(job, limits_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("gone.parquet"));
}

TEST_F(StageTest, SqlReachesNothingButItsInputs) {
  std::ofstream(folder_ / "secret.csv") << "a\n1\n";
  const data::Schema schema = schema_of({{"a", "string"}});
  for (const std::string& sql :
       {std::string("SELECT content AS a FROM read_text('/etc/passwd')"),
        "SELECT column0 AS a FROM read_csv('" + (folder_ / "secret.csv") + "', header = false)",
        "SELECT a FROM '" + (folder_ / "secret.csv") + "'",
        std::string("SELECT file AS a FROM glob('/etc/*')"),
        std::string("SELECT getenv('HOME') AS a"), std::string("ATTACH '/tmp/sluice_escape.db'"),
        std::string("INSTALL httpfs"), std::string("LOAD httpfs"),
        std::string("SET enable_external_access = true"),
        std::string("SELECT 'x' AS a) TO '/tmp/sluice_escape.csv' (FORMAT csv) --"),
        "COPY (SELECT 1) TO '" + (folder_ / "escape.csv") + "'",
        std::string("SELECT 'x' AS a; COPY (SELECT 1) TO '/tmp/sluice_escape.csv'")}) {
    const auto result = run_stage(job_of(schema, sql), limits_, {});
    EXPECT_FALSE(result.ok()) << sql;
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/sluice_escape.csv"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/sluice_escape.db"));
}

constexpr const char* kEndless =
    "SELECT count(*) AS i FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 "
    "= 3";

TEST_F(StageTest, CancelEndsItWithinASecondAndLeavesNothing) {
  std::stop_source source;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    source.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto result =
      run_stage(job_of(schema_of({{"i", "long"}}), kEndless), limits_, source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(folder_.entries(), 1u);
}

TEST_F(StageTest, CancelInTheMiddleOfAWriteRemovesWhatWasBegun) {
  std::stop_source source;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    source.request_stop();
  });
  const auto result =
      run_stage(job_of(schema_of({{"i", "long"}}), "SELECT range AS i FROM range(100000000000)"),
                limits_, source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(folder_.entries(), 1u);
}

TEST_F(StageTest, RunsOutOfTime) {
  limits_.timeout_ms = 200;
  const auto result = run_stage(job_of(schema_of({{"i", "long"}}), kEndless), limits_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kTimeout);
}

TEST_F(StageTest, AQueryOverItsGrantIsExhaustedUnlessItMaySpill) {
  const char* sql = "SELECT a.range AS i FROM range(8000000) a ORDER BY hash(a.range)";
  limits_.memory_bytes = 64 << 20;
  const auto refused = run_stage(job_of(schema_of({{"i", "long"}}), sql), limits_, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kExhausted) << refused.error().message;
  limits_.spill_dir = folder_ / "spill";
  const auto spilled = run_stage(job_of(schema_of({{"i", "long"}}), sql), limits_, {});
  ASSERT_TRUE(spilled.ok()) << spilled.error().message;
  EXPECT_EQ(spilled->rows, 8'000'000);
}

}  // namespace
}  // namespace sluice::duck_jobs
