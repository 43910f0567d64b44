#include "sluice/decode/internal/csv_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Writes each record as its values with `|`, null as `~`, or as `!rule/column`.
std::vector<std::string> read(std::string_view text, job::CsvDialect dialect = {}) {
  const std::vector<job::DecodeColumn> columns = {
      {"id", {}, true, ""}, {"name", {}, true, ""}, {"note", {}, false, ""}};
  CsvFile file(
      [text](char* to, std::size_t bytes_max) mutable -> base::Result<std::size_t> {
        const std::size_t bytes = std::min(text.size(), bytes_max);
        std::memcpy(to, text.data(), bytes);
        text.remove_prefix(bytes);
        return bytes;
      },
      dialect, columns);
  std::vector<std::string> rows;
  LandedRecord record;
  while (*file.next(record)) {
    std::string& row = rows.emplace_back();
    if (!record.refusal.empty()) {
      const Refusal refusal = read_refusal(record.refusal);
      row = "!" + refusal.rule + "/" + refusal.column;
      EXPECT_NE(refusal.reason, "");
    }
    for (const auto& value : record.values) {
      row += (row.empty() ? "" : "|") + std::string(value.value_or("~"));
    }
  }
  return rows;
}

TEST(CsvFile, MapsColumnsByNameInAnyOrder) {
  EXPECT_THAT(read("note,name,id\nx,y,1\n"), ElementsAre("1|y|x"));
}

TEST(CsvFile, AMissingOptionalColumnIsNull) {
  EXPECT_THAT(read("name,id\ny,1\n"), ElementsAre("1|y|~"));
}

TEST(CsvFile, AMissingRequiredColumnRefusesEveryRecord) {
  EXPECT_THAT(read("id,note\n1,x\n2,y\n"),
              ElementsAre("!missing_column/name", "!missing_column/name"));
}

TEST(CsvFile, AnUnknownColumnRefusesEveryRecord) {
  EXPECT_THAT(read("id,name,extra\n1,x,y\n"), ElementsAre("!unknown_column/extra"));
  EXPECT_THAT(read("id,name,Note\n1,x,y\n"), ElementsAre("!unknown_column/Note"));
}

TEST(CsvFile, AnotherDelimiterShowsAsMissingColumns) {
  EXPECT_THAT(read("id|name|note\n1|x|y\n"), ElementsAre("!missing_column/id"));
}

TEST(CsvFile, AHeaderThatNamesAColumnTwiceRefusesEveryRecord) {
  EXPECT_THAT(read("id,name,id\n1,x,2\n"), ElementsAre("!malformed/id"));
}

TEST(CsvFile, ADamagedHeaderIsRefusedWithItsRecords) {
  EXPECT_THAT(read("id,name\xFF\n1,x\n"), ElementsAre("!malformed/", "!malformed/"));
  EXPECT_THAT(read("id,\"name\n1,x\n2,y\n"), ElementsAre("!malformed/"));
}

TEST(CsvFile, WrongNumbersOfFieldsAreMalformed) {
  EXPECT_THAT(read("id,name,note\n1,x\n2,x,y,z\n3,x,y\n"),
              ElementsAre("!malformed/", "!malformed/", "3|x|y"));
}

TEST(CsvFile, ADamagedFieldIsNamed) {
  EXPECT_THAT(read("id,name\n1,\xFF\n"), ElementsAre("!malformed/name"));
}

TEST(CsvFile, OnlyUnquotedSpellingsAreNull) {
  job::CsvDialect dialect;
  dialect.nulls = {"NA", ""};
  EXPECT_THAT(read("id,name,note\nNA,\"NA\",\n1,\"\",\"\"\n", dialect),
              ElementsAre("~|NA|~", "1||"));
  dialect.nulls = {"NA"};
  EXPECT_THAT(read("id,name,note\n1,,x\n", dialect), ElementsAre("1||x"));
}

TEST(CsvFile, WithoutAHeaderFieldsAreTakenByPosition) {
  job::CsvDialect dialect;
  dialect.header = false;
  EXPECT_THAT(read("1,x,y\n2,x\n", dialect), ElementsAre("1|x|y", "!malformed/"));
}

TEST(CsvFile, EmptyFilesAndHeadersHaveNoRecords) {
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read("id,name"), IsEmpty());
  EXPECT_THAT(read("id,nonsense\n"), IsEmpty());
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
