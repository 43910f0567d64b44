#include "sluice/data/csv_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::data {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;

std::string type_of(std::string_view values) {
  const auto table = parse_csv_table("a\n" + std::string(values));
  return table ? to_text(narrowest_type(*table, 0)) : table.error().message;
}

TEST(CsvTable, ReadsQuotesLineBreaksAndWhatIsMissing) {
  const auto table =
      parse_csv_table("\xEF\xBB\xBFid,name\r\n1,\"a \"\"b\"\",\nc\"\r\n\r\n2,\n3,\"\"");
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->names, ElementsAre("id", "name"));
  ASSERT_EQ(table->records.size(), 3U);
  EXPECT_EQ(table->records[0][1], "a \"b\",\nc");
  EXPECT_EQ(table->records[1][1], std::nullopt);
  EXPECT_EQ(table->records[2][1], "");
}

TEST(CsvTable, NamesTheLineOfWhatIsWrong) {
  const auto message = [](std::string_view text) { return parse_csv_table(text).error().message; };
  EXPECT_THAT(message(""), HasSubstr("has no header"));
  EXPECT_THAT(message("a,,b\n"), HasSubstr("column 2 has no name"));
  EXPECT_THAT(message("a,A\n"), HasSubstr("two columns are named 'A'"));
  EXPECT_THAT(message("a,b\n1,\"x\ny\"\n1\n"),
              HasSubstr("line 4: 1 fields where the header has 2"));
  EXPECT_THAT(message("a\n\"x\"y\n"), HasSubstr("line 2: text behind a closing quote"));
  EXPECT_THAT(message("a\n1\n\"x\n"), HasSubstr("line 3: a quote that does not end"));
  EXPECT_THAT(message(std::string_view("a\n\0\n", 4)), HasSubstr("line 2: not UTF-8 text"));
}

TEST(CsvTable, FindsTheNarrowestTypeThatLosesNothing) {
  EXPECT_EQ(type_of("1\n-20\n"), "long");
  EXPECT_EQ(type_of("1\n1.25\n"), "decimal(18, 2)");
  EXPECT_EQ(type_of("1234567890123456789\n"), "decimal(19, 0)");
  EXPECT_EQ(type_of("1234567890123456789012345678901234567890\n"), "double");
  EXPECT_EQ(type_of("007\n12\n"), "string");
  EXPECT_EQ(type_of("true\nFALSE\n"), "boolean");
  EXPECT_EQ(type_of("2024-02-29\n"), "date");
  EXPECT_EQ(type_of("2023-02-29\n"), "string");
  EXPECT_EQ(type_of("2024-02-29T23:59:59.5\n"), "timestamp");
  EXPECT_EQ(type_of("2024-02-29 24:00:00\n"), "string");
  EXPECT_EQ(type_of("1\nx\n"), "string");
  EXPECT_EQ(type_of(""), "string");
}

TEST(CsvTable, ARecordOfOneColumnMayBeMissing) {
  const auto table = parse_csv_table("a\n1\n\n2\n");
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->records[1], ElementsAre(Eq(std::nullopt)));
}

}  // namespace
}  // namespace sluice::data
