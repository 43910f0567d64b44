#include "sluice/decode/internal/csv_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/decode/internal/landed_file.h"
#include "sluice/decode/internal/refusal.h"

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Writes each record as its values with `|`, null as `~`, or as `!rule/column`.
std::vector<std::string> read(std::string_view text, const job::CsvDialect& dialect = {},
                              job::UnknownFields unknown = job::UnknownFields::kRefuse) {
  job::DecodeJob job;
  job.dialect = dialect;
  job.unknown_fields = unknown;
  job.columns = {{"id", {}, true, ""},
                 {"name", {}, true, ""},
                 {"note", {}, false, ""},
                 {"price", {data::TypeKind::kDouble}, false, ""}};
  const job::DecodeFile file;
  const auto opened = LandedFile::open(read_memory(text, 7), job, file);
  EXPECT_TRUE(opened.ok());
  std::vector<std::string> rows;
  BlockRecords records(job);
  LandedRecord record;
  Block block;
  while (*(*opened)->next(block, 2)) {
    records.open((*opened)->layout(), std::move(block));
    while (records.next(record)) {
      std::string& row = rows.emplace_back();
      if (!record.refusal.empty()) {
        const Refusal refusal = read_refusal(record.refusal);
        row = "!" + refusal.rule + "/" + refusal.column;
        EXPECT_NE(refusal.reason, "");
      }
      for (std::size_t i = 0; i < record.values.size() && (i < 3 || record.values[i]); ++i) {
        row += (i == 0 ? "" : "|") + std::string(record.values[i].value_or("~"));
      }
    }
  }
  return rows;
}

TEST(CsvLayout, MapsColumnsByNameInAnyOrder) {
  EXPECT_THAT(read("note,name,id\nx,y,1\n"), ElementsAre("1|y|x"));
}

TEST(CsvLayout, NamesMayBeQuoted) {
  EXPECT_THAT(read("\"id\",\"na\"\"me\"\n1,x\n"), ElementsAre("!missing_column/name"));
  EXPECT_THAT(read("\"id\",\"name\",\"o\"\"o\"\n1,x,y\n"), ElementsAre("!unknown_column/o\"o"));
}

TEST(CsvLayout, AMissingOptionalColumnIsNull) {
  EXPECT_THAT(read("name,id\ny,1\n"), ElementsAre("1|y|~"));
}

TEST(CsvLayout, AMissingRequiredColumnRefusesEveryRecord) {
  EXPECT_THAT(read("id,note\n1,x\n2,y\n"),
              ElementsAre("!missing_column/name", "!missing_column/name"));
}

TEST(CsvLayout, AnUnknownColumnRefusesEveryRecord) {
  EXPECT_THAT(read("id,name,extra\n1,x,y\n"), ElementsAre("!unknown_column/extra"));
  EXPECT_THAT(read("id,name,Note\n1,x,y\n"), ElementsAre("!unknown_column/Note"));
}

TEST(CsvLayout, AnotherDelimiterShowsAsMissingColumns) {
  EXPECT_THAT(read("id|name|note\n1|x|y\n"), ElementsAre("!missing_column/id"));
}

TEST(CsvLayout, AHeaderThatNamesAColumnTwiceRefusesEveryRecord) {
  EXPECT_THAT(read("id,name,id\n1,x,2\n"), ElementsAre("!malformed/id"));
}

TEST(CsvLayout, ADamagedHeaderIsRefusedWithItsRecords) {
  EXPECT_THAT(read("id,name\xFF\n1,x\n"), ElementsAre("!malformed/", "!malformed/"));
  EXPECT_THAT(read("id,\"name\n1,x\n2,y\n"), ElementsAre("!malformed/"));
}

TEST(CsvLayout, WrongNumbersOfFieldsAreMalformed) {
  EXPECT_THAT(read("id,name,note\n1,x\n2,x,y,z\n3,x,y\n"),
              ElementsAre("!malformed/", "!malformed/", "3|x|y"));
}

TEST(CsvLayout, ADamagedFieldIsNamed) {
  EXPECT_THAT(read("id,name\n1,\xFF\n"), ElementsAre("!malformed/name"));
}

TEST(CsvLayout, OnlyUnquotedSpellingsAreNull) {
  job::CsvDialect dialect;
  dialect.nulls = {"NA", ""};
  EXPECT_THAT(read("id,name,note\nNA,\"NA\",\n1,\"\",\"\"\n", dialect),
              ElementsAre("~|NA|~", "1||"));
  dialect.nulls = {"NA"};
  EXPECT_THAT(read("id,name,note\n1,,x\n", dialect), ElementsAre("1||x"));
}

TEST(CsvLayout, WithoutAHeaderFieldsAreTakenByPosition) {
  job::CsvDialect dialect;
  dialect.header = false;
  EXPECT_THAT(read("1,x,y,\n2,x\n", dialect), ElementsAre("1|x|y", "!malformed/"));
}

TEST(CsvLayout, EmptyFilesAndHeadersHaveNoRecords) {
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read("id,name"), IsEmpty());
  EXPECT_THAT(read("id,nonsense\n"), IsEmpty());
}

TEST(CsvLayout, UnknownColumnsMayBeLeftOut) {
  EXPECT_THAT(read("x,name,id\n9,y,1\n", {}, job::UnknownFields::kIgnore), ElementsAre("1|y|~"));
}

TEST(CsvLayout, LinesBeforeTheHeaderAreLeftOut) {
  job::CsvDialect dialect;
  dialect.skip_lines = 2;
  EXPECT_THAT(read("report \"of\n\nid,name\n1,x\n", dialect), ElementsAre("1|x|~"));
  EXPECT_THAT(read("only one", dialect), IsEmpty());
}

TEST(CsvLayout, ADecimalCommaBecomesAPointInNumbers) {
  job::CsvDialect dialect{';'};
  dialect.decimal = ',';
  EXPECT_THAT(read("id;name;note;price\n1;a,b;;2,5\n2;c;;2.5\n", dialect),
              ElementsAre("1|a,b|~|2.5", "2|c|~|2,5"));
}

TEST(CsvLayout, AMillionColumnsAreJudgedInTime) {
  std::string header = "id,name";
  for (int i = 0; i < 1'000'000; ++i) {
    header += ",c" + std::to_string(i);
  }
  EXPECT_THAT(read(header + "\n1,x\n"), ElementsAre("!unknown_column/c0"));
}

TEST(Refusal, ReadsVerdictsAndPackedOnes) {
  const Refusal verdict = read_refusal("range|dep_delay|5 | 6 is too much");
  EXPECT_EQ(verdict.rule, "range");
  EXPECT_EQ(verdict.column, "dep_delay");
  EXPECT_EQ(verdict.reason, "5 | 6 is too much");
  const Refusal packed = read_refusal(pack_refusal({"unknown_column", "a|b\x1f", "why | not"}));
  EXPECT_EQ(packed.column, "a|b ");
  EXPECT_EQ(packed.reason, "why | not");
  EXPECT_EQ(read_refusal("alone").rule, "alone");
  EXPECT_EQ(read_refusal("alone").reason, "");
}

}  // namespace
}  // namespace sluice::decode
