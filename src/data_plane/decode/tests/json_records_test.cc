#include "sluice/decode/internal/json_records.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sluice/decode/internal/landed_file.h"
#include "sluice/decode/internal/refusal.h"

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Writes each record as `line@offset+bytes: value|value`, null as `~`, or as `!rule/column
/// reason`.
std::vector<std::string> read(std::string_view text, job::FileFormat format,
                              std::size_t piece = 1000, std::size_t records_max = 100,
                              job::UnknownFields unknown = job::UnknownFields::kRefuse) {
  job::DecodeJob job;
  job.format = format;
  job.unknown_fields = unknown;
  job.columns = {{"id", {data::TypeKind::kLong}, true, ""},
                 {"name", {data::TypeKind::kString}, false, ""}};
  const job::DecodeFile file;
  const auto opened = LandedFile::open(read_memory(text, piece), job, file);
  EXPECT_TRUE(opened.ok());
  std::vector<std::string> rows;
  BlockRecords records(job);
  LandedRecord record;
  Block block;
  while (*(*opened)->next(block, records_max)) {
    records.open((*opened)->layout(), std::move(block));
    while (records.next(record)) {
      std::string row = fmt::format("{}@{}+{}:", record.line, record.offset, record.bytes);
      if (!record.refusal.empty()) {
        const Refusal refusal = read_refusal(record.refusal);
        row += fmt::format("!{}/{} {}", refusal.rule, refusal.column, refusal.reason);
      }
      for (std::size_t i = 0; i < record.values.size(); ++i) {
        row += (i == 0 ? "" : "|") + std::string(record.values[i].value_or("~"));
      }
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<std::string> lines(std::string_view text) {
  return read(text, job::FileFormat::kNdjson);
}
std::vector<std::string> array(std::string_view text) { return read(text, job::FileFormat::kJson); }

TEST(JsonRecords, ReadsKeysInAnyOrder) {
  EXPECT_THAT(
      lines("{\"name\":\"a\",\"id\":1}\n\n {\"id\": \"2\"} \r\n{\"\\u0069d\":3.0,\"name\":null}"),
      ElementsAre("1@0+19:1|a", "3@21+13:2|~", "4@36+27:3.0|~"));
}

TEST(JsonRecords, UnescapesTexts) {
  EXPECT_THAT(lines(R"({"name":"\"\\\/\n\u20ac\ud83d\ude00"})"),
              ElementsAre(HasSubstr("~|\"\\/\n€😀")));
}

TEST(JsonRecords, NamesWhatIsWrong) {
  const auto said = [](std::string_view line) { return lines(line).at(0); };
  EXPECT_THAT(said(R"({"id":1,"id":1})"), HasSubstr("!malformed/id key 'id' occurs twice"));
  EXPECT_THAT(said(R"({"x":1,"id":2})"), HasSubstr("!unknown_column/x"));
  EXPECT_THAT(said(R"({"ID":1})"), HasSubstr("!unknown_column/ID"));
  EXPECT_THAT(said(R"({"name":1})"), HasSubstr("!type/name 1 is not a string"));
  EXPECT_THAT(said(R"({"id":[1]})"), HasSubstr("!type/id an array is not long"));
  EXPECT_THAT(said("[1]"), HasSubstr("!malformed/ the record is no JSON object"));
  for (const char* bad : {"{", "{}x", R"({"id":01})", R"({"id":nul})", R"({"id":truee})",
                          R"({"id":1,})", R"({"id" 1})", R"({"id":+1})", R"({"id":.5})",
                          R"({"id":NaN})", R"({"name":"\x"})", "{\"name\":\"\xff\"}",
                          R"({"name":"\u0000"})", R"({"x":{"y":tru}})", "{\"name\":\"a\tb\"}"}) {
    EXPECT_THAT(said(bad), HasSubstr("!malformed")) << bad;
  }
}

TEST(JsonRecords, UnknownKeysMayBeLeftOutButMustBeJson) {
  const auto ignoring = [](std::string_view text) {
    return read(text, job::FileFormat::kNdjson, 10, 10, job::UnknownFields::kIgnore).at(0);
  };
  EXPECT_THAT(ignoring(R"({"x":{"y":[1,"a",null]},"id":1})"), HasSubstr(":1|~"));
  EXPECT_THAT(ignoring(R"({"x":{"y":[1,01]},"id":1})"), HasSubstr("!malformed"));
}

TEST(JsonRecords, ReadsTheElementsOfAnArray) {
  EXPECT_THAT(array("[]"), IsEmpty());
  EXPECT_THAT(array(" \n"), IsEmpty());
  EXPECT_THAT(array("\n[ {\"id\":1},\n{\"name\":\"],[{\\\"\"}\n, {\"id\":\n2}]\n"),
              ElementsAre("1@3+8:1|~", "2@13+17:~|],[{\"", "3@33+9:2|~"));
  EXPECT_THAT(array("{\"id\":1}\n{\"id\":2}"), ElementsAre("1@0+8:1|~", "2@9+8:2|~"));
}

TEST(JsonRecords, RefusesTheRestOfAnArrayThatCannotBeDivided) {
  EXPECT_THAT(array("[{\"id\":1}"),
              ElementsAre(HasSubstr(":1|~"), HasSubstr("before the array is closed")));
  EXPECT_THAT(array("[{\"id\":1},{\"id\":"),
              ElementsAre(HasSubstr(":1|~"), HasSubstr("inside a record")));
  EXPECT_THAT(
      array("[{\"id\":1} {\"id\":2}]"),
      ElementsAre(HasSubstr(":1|~"), HasSubstr("2@10+9:!malformed/ ',' or ']' is missing")));
  EXPECT_THAT(array("[{\"id\":1},]"),
              ElementsAre(HasSubstr(":1|~"), HasSubstr("a record is missing")));
  EXPECT_THAT(array("[]]"), ElementsAre(HasSubstr("text behind the end")));
  EXPECT_THAT(array("nonsense"), ElementsAre(HasSubstr("neither an array nor an object")));
  EXPECT_THAT(array("[1,\"a\",null,{\"id\":2}]"),
              ElementsAre(HasSubstr("no JSON object"), HasSubstr("no JSON object"),
                          HasSubstr("no JSON object"), HasSubstr(":2|~")));
}

TEST(JsonRecords, ComeOutTheSameHoweverTheBytesArrive) {
  const bool held = rc::check([] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "{\"id\":1}", "{\"name\":", "}", "[", "]", ",", "\n", "\"", "\\", " ", "\xFF", "x"));
    std::string text;
    for (const std::string& part : parts) {
      text += part;
    }
    for (const auto format : {job::FileFormat::kNdjson, job::FileFormat::kJson}) {
      const auto whole = read(text, format);
      RC_ASSERT(read(text, format, *rc::gen::inRange<std::size_t>(1, 9),
                     *rc::gen::inRange<std::size_t>(1, 4)) == whole);
    }
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace sluice::decode
