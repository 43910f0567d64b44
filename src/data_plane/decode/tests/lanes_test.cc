// Whatever a file holds, its records are judged and read the same with and without SQL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "sluice/decode/decode.h"
#include "sluice/duck_jobs/query.h"

namespace sluice::decode {
namespace {

using data::TypeKind;

struct Column {
  const char* name;
  data::Type type;
  const char* cast;    // as contracts write it
  const char* broken;  // SQL of "breaks a rule" over the cast {}
  job::ValueCheck check;
  std::vector<std::string> texts;
};

const std::vector<Column>& columns() {
  static const std::vector<Column> kColumns = {
      {"i",
       {TypeKind::kInt},
       "CASE WHEN regexp_full_match(\"i\", '[+-]?[0-9]+') THEN TRY_CAST(\"i\" AS INTEGER) END",
       "{} NOT BETWEEN -5 AND 2147483647",
       {{}, job::ValueBound{"-5"}, job::ValueBound{"2147483647"}, {}, {}},
       {"0", "-5", "-6", "+7", "007", "2147483647", "2147483648", "1.0", "x",
        "99999999999999999999", ""}},
      {"d",
       data::decimal_type(9, 2),
       "CASE WHEN regexp_full_match(\"d\", '[+-]?([0-9]+(\\.[0-9]{0,2}0*)?|\\.[0-9]{1,2}0*)') THEN "
       "TRY_CAST(\"d\" AS DECIMAL(9,2)) END",
       "{} <= CAST('0' AS DECIMAL(9,2))",
       {{}, job::ValueBound{"0", true}, {}, {}, {}},
       {"1", "1.5", "1.50", "1.500", "1.555", "0.00", "-0.01", ".5", "5.", "9999999.99", "10000000",
        "+1.2", "1e2", "", "1,5"}},
      {"f",
       {TypeKind::kDouble},
       "CASE WHEN regexp_full_match(\"f\", '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?') "
       "THEN CASE WHEN isfinite(TRY_CAST(\"f\" AS DOUBLE)) THEN TRY_CAST(\"f\" AS DOUBLE) END WHEN "
       "regexp_full_match(\"f\", '(?i)[+-]?inf(inity)?|nan') THEN TRY_CAST(\"f\" AS DOUBLE) END",
       "{} >= 1e300",
       {{}, {}, job::ValueBound{"1e300", true}, {}, {}},
       {"0.1", "-0", "1e-320", "1e999", "inf", "nan", "1.7976931348623157e308", "3", "1e300", ".5",
        "5.", "+2.5", "0x1", ""}},
      {"b",
       {TypeKind::kBoolean},
       "CASE lower(\"b\") WHEN 'true' THEN true WHEN 't' THEN true WHEN '1' THEN true WHEN 'false' "
       "THEN false WHEN 'f' THEN false WHEN '0' THEN false END",
       "false",
       {},
       {"true", "FALSE", "t", "F", "1", "0", "yes", "tr", ""}},
      {"day",
       {TypeKind::kDate},
       "CASE WHEN regexp_full_match(\"day\", '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN TRY_CAST(\"day\" "
       "AS "
       "DATE) END",
       "{} < DATE '1900-01-01'",
       {{}, job::ValueBound{"1900-01-01"}, {}, {}, {}},
       {"1970-01-01", "2000-02-29", "1900-02-29", "1899-12-31", "9999-12-31", "0000-01-01",
        "2013-13-01", "2013-1-1", ""}},
      {"at",
       {TypeKind::kTimestamp},
       "CASE WHEN regexp_full_match(\"at\", '[0-9]{4}-[0-9]{2}-[0-9]{2}[T "
       "]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?') THEN TRY_CAST(\"at\" AS "
       "TIMESTAMP) END",
       "false",
       {},
       {"1970-01-01 00:00:00", "2026-03-01T23:59:59.123456", "1969-12-31 23:59:59.9",
        "2026-03-01 12:30", "2026-03-01 24:00:00", "2026-03-01 12:30:61", "2026-03-01",
        "0001-01-01 00:00:00", "2026-02-30 00:00:00", "2026-03-01 00:00:00.1234567", ""}},
      {"z",
       {TypeKind::kTimestamptz},
       "CASE WHEN regexp_full_match(\"z\", '[0-9]{4}-[0-9]{2}-[0-9]{2}[T "
       "]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?'"
       ") "
       "THEN TRY_CAST(\"z\" AS TIMESTAMPTZ) END",
       "false",
       {},
       {"1970-01-01T00:00:00Z", "1970-01-01 00:00:00+02", "1970-01-01 00:00:00.5-04:30",
        "1970-01-01 00:00:00", "1970-01-01 00:00:00+0200", "1970-01-01 00:00:00+14:00",
        "1970-01-01 00:00:00+15:00", "1970-01-01 00:00:00+05:60", ""}},
      {"u",
       {TypeKind::kUuid},
       "CASE WHEN regexp_full_match(\"u\", "
       "'(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}') THEN TRY_CAST(\"u\" AS "
       "UUID) END",
       "false",
       {},
       {"00000000-0000-0000-0000-000000000001", "FFFFFFFF-ffff-4fff-afff-ffffffffffff",
        "7fffffff-ffff-ffff-ffff-ffffffffffff", "00000000000000000000000000000001", "x", ""}},
      {"s",
       {TypeKind::kString},
       "\"s\"",
       "length({}) NOT BETWEEN 2 AND 14",
       {{}, {}, {}, 2, 14},
       {"ab", "a", "\xC3\xA4\xC3\xB6", "\xC3\xA4", "fourteen bytes", "fifteen bytes !",
        "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", ""}},
  };
  return kColumns;
}

class LanesTest : public testing::TestWithParam<job::FileFormat> {
 protected:
  std::string folder_ = [] {
    std::string name = (std::filesystem::temp_directory_path() / "sluice_test_XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  ~LanesTest() override { std::filesystem::remove_all(folder_); }

  static std::string line(std::mt19937& random, int number) {
    const bool csv = GetParam() == job::FileFormat::kCsv;
    std::string text = csv ? std::to_string(number) : fmt::format("{{\"n\":{}", number);
    for (const Column& column : columns()) {
      const bool usual = random() % 4 != 0;
      const std::string& value = column.texts[usual ? 0 : random() % column.texts.size()];
      if (csv) {
        text += value.find(',') == std::string::npos ? "," + value : ",\"" + value + "\"";
      } else if (!value.empty()) {
        const bool bare = column.type.kind == TypeKind::kInt && value == "0";
        text += fmt::format(",\"{}\":{}", column.name, bare ? value : '"' + value + '"');
      }
    }
    return text + (csv ? "\n" : "}\n");
  }

  job::DecodeJob job_of(int lines, bool with_values) const {
    job::DecodeJob job;
    job.format = GetParam();
    std::mt19937 random(11);
    std::string content = "n";
    std::string verdict = "CASE";
    job.columns.push_back({"n", {TypeKind::kLong}, true, "TRY_CAST(\"n\" AS BIGINT)"});
    for (const Column& column : columns()) {
      content += std::string(",") + column.name;
      job::DecodeColumn& added =
          job.columns.emplace_back(job::DecodeColumn{column.name, column.type, false, column.cast});
      added.plain = with_values;
      added.checks.push_back(column.check);
      verdict += fmt::format(
          " WHEN \"{0}\" IS NOT NULL AND {1} IS NULL THEN 'type|{0}|' || \"{0}\" WHEN {2} THEN "
          "'range|{0}|' || \"{0}\"",
          column.name, column.cast, fmt::format(fmt::runtime(column.broken), column.cast));
    }
    job.verdict = verdict + " END";
    if (with_values) {
      job.rest = "CASE WHEN \"s\" = 'ab' THEN NULL END";
    }
    content += "\n";
    if (GetParam() != job::FileFormat::kCsv) {
      content.clear();
    }
    for (int i = 0; i < lines; ++i) {
      content += line(random, i);
    }
    std::ofstream(folder_ + "/drop", std::ios::binary) << content;
    job.files.push_back({1, folder_ + "/drop", "drop", static_cast<std::int64_t>(content.size())});
    int id = 0;
    for (const job::DecodeColumn& column : job.columns) {
      job.bronze.schema.fields.push_back({++id, column.name, column.type});
    }
    job.bronze.schema.fields.push_back({++id, job::kFileColumn, {TypeKind::kLong}, true});
    job.bronze.schema.fields.push_back({++id, job::kLineColumn, {TypeKind::kLong}, true});
    job.bronze.dir = folder_ + (with_values ? "/a" : "/b");
    job.bronze.file_prefix = "b";
    job.quarantine.schema = job::quarantine_schema();
    job.quarantine.dir = job.bronze.dir + "q";
    job.quarantine.file_prefix = "q";
    return job;
  }

  static std::vector<std::string> rows(const data::Schema& schema,
                                       const std::vector<job::StagedFile>& files,
                                       const std::string& sql) {
    job::ScanInput input{"t", schema, {}};
    for (const job::StagedFile& file : files) {
      input.files.push_back({file.path, file.rows, file.bytes});
    }
    std::vector<std::string> rows;
    const auto sink = [&](const data::Batch& batch) -> base::Status {
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        std::string text;
        for (const data::Column& column : batch.columns) {
          text += "|" + to_text(column.values[row], column.type);
        }
        rows.push_back(std::move(text));
      }
      return {};
    };
    const auto result = duck_jobs::run_query({{input}, {}, sql, 0}, {}, sink, {});
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return rows;
  }
};

TEST_P(LanesTest, AgreeOnEveryRecord) {
  constexpr int kLines = 20'000;
  const job::Limits limits{2, std::int64_t{512} << 20, 0, "", "Europe/Berlin"};
  const auto quick_job = job_of(kLines, true);
  const auto quick = run_decode(quick_job, limits, {});
  const auto slow_job = job_of(kLines, false);
  const auto slow = run_decode(slow_job, limits, {});
  ASSERT_TRUE(quick.ok() && slow.ok());
  const char* good = "SELECT * FROM t ORDER BY n";
  const char* refused = "SELECT line, rule, \"column\", reason, payload FROM t ORDER BY line";
  EXPECT_EQ(rows(quick_job.bronze.schema, quick->bronze, good),
            rows(slow_job.bronze.schema, slow->bronze, good));
  EXPECT_EQ(rows(quick_job.quarantine.schema, quick->quarantine, refused),
            rows(slow_job.quarantine.schema, slow->quarantine, refused));
  EXPECT_GT(slow->files[0].good, 100);
  EXPECT_GT(slow->files[0].refused, 100);
}

INSTANTIATE_TEST_SUITE_P(Formats, LanesTest,
                         testing::Values(job::FileFormat::kCsv, job::FileFormat::kNdjson));

}  // namespace
}  // namespace sluice::decode
