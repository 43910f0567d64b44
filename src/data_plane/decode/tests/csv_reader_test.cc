#include "sluice/decode/internal/csv_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>

#include "sluice/decode/internal/block_reader.h"

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Writes each record as `line@offset+bytes: field|field`; a quoted field as `<field>`, damage as
/// `!`. The text arrives in pieces of at most `piece` bytes and is cut into blocks of `records`.
std::vector<std::string> read(std::string_view text, std::size_t piece = 1 << 20,
                              const job::CsvDialect& dialect = {}, std::size_t records_max = 2048) {
  auto opened =
      open_text(read_memory(text, piece), 0, job::Compression::kNone, job::Encoding::kUtf8);
  BlockReader blocks(std::move(*opened), csv_bounds(dialect));
  std::vector<std::string> records;
  CsvRecord record;
  Block block;
  for (;;) {
    const auto more = blocks.next(block, records_max);
    EXPECT_TRUE(more.ok());
    if (!*more) {
      return records;
    }
    CsvReader reader(block, dialect);
    while (reader.next(record)) {
      std::string out = fmt::format("{}@{}+{}:", record.line, record.offset, record.bytes);
      if (!record.damage.empty()) {
        out += "!" + record.damage + "#" + std::to_string(record.damaged_field);
      }
      for (std::size_t i = 0; i < record.fields.size() && record.damage.empty(); ++i) {
        const CsvField& field = record.fields[i];
        out += i == 0 ? "" : "|";
        out += field.quoted ? "<" + std::string(field.text) + ">" : std::string(field.text);
      }
      records.push_back(out);
    }
    for (const DamagedRecord& damaged : block.damaged) {
      records.push_back(
          fmt::format("{}@{}+{}:!{}#-1", damaged.line, damaged.offset, damaged.bytes, damaged.why));
    }
  }
}

struct Case {
  const char* name;
  std::string text;
  std::vector<std::string> records;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class CsvReads : public testing::TestWithParam<Case> {};

TEST_P(CsvReads, HoweverTheBytesArrive) {
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1000}}) {
    EXPECT_EQ(read(GetParam().text, piece), GetParam().records) << "in pieces of " << piece;
    EXPECT_EQ(read(GetParam().text, piece, {}, 1), GetParam().records) << "in single blocks";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tricky, CsvReads,
    testing::Values(
        Case{"empty file", "", {}}, Case{"only line breaks", "\n\r\n\n", {}},
        Case{"only a byte order mark", "\xEF\xBB\xBF", {}},
        Case{"plain", "a,b\nc,d\n", {"1@0+3:a|b", "2@4+3:c|d"}},
        Case{"no last line break", "a,b\nc,d", {"1@0+3:a|b", "2@4+3:c|d"}},
        Case{"carriage returns", "a,b\r\nc,d\r\n", {"1@0+3:a|b", "2@5+3:c|d"}},
        Case{"a carriage return at the end", "a,b\r", {"1@0+3:a|b"}},
        Case{"a byte order mark",
             "\xEF\xBB\xBF"
             "a,b\n",
             {"1@3+3:a|b"}},
        Case{"blank lines", "\na\n\n\r\nb\n", {"2@1+1:a", "5@6+1:b"}},
        Case{"empty fields", ",\n,,\n", {"1@0+1:|", "2@2+2:||"}},
        Case{"a delimiter at the end", "a,", {"1@0+2:a|"}},
        Case{"quotes", "\"a\",\"b,c\"\n", {"1@0+9:<a>|<b,c>"}},
        Case{"a quoted empty field alone", "\"\"\nx\n", {"1@0+2:<>", "2@3+1:x"}},
        Case{"doubled quotes", "\"a\"\"b\",\"\"\"\"\n", {"1@0+11:<a\"b>|<\">"}},
        Case{"doubled quotes twice", "\"\"\"a\"\"\",\"b\"\"\"\r\n", {"1@0+13:<\"a\">|<b\">"}},
        Case{"a quoted line break", "\"a\nb\",c\nd,e\n", {"1@0+7:<a\nb>|c", "3@8+3:d|e"}},
        Case{"quoted CRLF", "\"a\r\nb\"\r\nd\r\n", {"1@0+6:<a\r\nb>", "3@8+1:d"}},
        Case{"a quote inside a field", "a\"b,c\n", {"1@0+5:a\"b|c"}},
        Case{"space before a quote", "a, \"b\"\n", {"1@0+6:a| \"b\""}},
        Case{"text after a closing quote",
             "\"a\"b,c\nd,e\n",
             {"1@0+6:!text after a closing quote#0", "2@7+3:d|e"}},
        Case{"an open quote at the end",
             "a\nb,\"c\nd\n",
             {"1@0+1:a", "2@2+7:!a quote is still open at the end of the file#1"}},
        Case{"a closed quote at the end", "a,\"b\"", {"1@0+5:a|<b>"}},
        Case{"a quote and a carriage return at the end", "a,\"b\"\r", {"1@0+5:a|<b>"}},
        Case{"a lone carriage return",
             "a\rb,c\nd\n",
             {"1@0+5:!a carriage return without a line feed#0", "2@6+1:d"}},
        Case{"old line ends", "a,b\rc,d\r", {"1@0+7:!a carriage return without a line feed#1"}},
        Case{"no UTF-8",
             "a,b\xFF\nc,d\n",
             {"1@0+4:!bytes that are no text in the file's encoding#1", "2@5+3:c|d"}},
        Case{"a character cut by a delimiter",
             "\xC3,\xA4\n",
             {"1@0+3:!bytes that are no text in the file's encoding#0"}},
        Case{"a surrogate",
             "\xED\xA0\x80\n",
             {"1@0+3:!bytes that are no text in the file's encoding#0"}},
        Case{"wide characters", "zürich,東京,😀\n", {"1@0+19:zürich|東京|😀"}},
        Case{"a NUL", std::string("a,b\0c\nd\n", 8), {"1@0+5:!a NUL byte#1", "2@6+1:d"}}));

TEST(CsvReader, TakesOtherDialects) {
  EXPECT_THAT(read("a;'b;c''d'\n", 100, {';', '\''}), ElementsAre("1@0+10:a|<b;c'd>"));
  EXPECT_THAT(read("a\tb\n", 100, {'\t', '"'}), ElementsAre("1@0+3:a|b"));
  EXPECT_THAT(read("\"a\",b\n", 100, {',', '\0'}), ElementsAre("1@0+5:\"a\"|b"));
}

TEST(CsvReader, TakesEscapesInsideQuotes) {
  job::CsvDialect dialect;
  dialect.escape = '\\';
  for (const std::size_t records_max : {1, 100}) {
    EXPECT_THAT(read("\"a\\\"b\\\\\",\"c\"\"d\"\n\"e\\\nf\",a\\b\n", 3, dialect, records_max),
                ElementsAre("1@0+15:<a\"b\\>|<c\"d>", "2@16+10:<e\nf>|a\\b"));
  }
}

TEST(CsvReader, LeavesOutComments) {
  job::CsvDialect dialect;
  dialect.comment = '#';
  for (const std::size_t records_max : {1, 100}) {
    EXPECT_THAT(read("#\"a\nb,#c\n#d\n\"#e\"\n#", 2, dialect, records_max),
                ElementsAre("2@4+4:b|#c", "4@12+4:<#e>"));
  }
}

TEST(CsvReader, ReadsARecordAtTheLimit) {
  const std::string text = std::string(kRecordBytesMax, 'x') + "\ny\n";
  const auto records = read(text);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].size(), kRecordBytesMax + std::string("1@0+16777216:").size());
  EXPECT_EQ(records[1], "2@16777217+1:y");
}

TEST(CsvReader, SkipsARecordOverTheLimitAndGoesOn) {
  const std::string text = "a\n" + std::string(kRecordBytesMax + 1, 'x') + "\r\n\"" +
                           std::string(40 << 20, '\n') + "\"\nb,c\n";
  const auto records = read(text);
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0], "1@0+1:a");
  EXPECT_EQ(records[1], "2@2+16777217:!a record of 16777217 bytes, the limit is 16777216#-1");
  EXPECT_THAT(records[2], HasSubstr("3@16777221+41943042:!a record of 41943042 bytes"));
  EXPECT_EQ(records[3],
            std::to_string(4 + (40 << 20)) + "@" + std::to_string(text.size() - 4) + "+3:b|c");
}

/// RFC 4180 as a writer has it.
std::string written(const std::vector<std::vector<std::string>>& records, bool quote_all,
                    const std::string& line_end) {
  std::string text;
  for (const auto& record : records) {
    for (std::size_t i = 0; i < record.size(); ++i) {
      text += i == 0 ? "" : ",";
      const bool quoted = quote_all || record[i].find_first_of(",\"\r\n") != std::string::npos ||
                          (record.size() == 1 && record[i].empty());
      if (!quoted) {
        text += record[i];
        continue;
      }
      text += '"';
      for (const char c : record[i]) {
        text += c == '"' ? std::string("\"\"") : std::string(1, c);
      }
      text += '"';
    }
    text += line_end;
  }
  return text;
}

TEST(CsvReader, ReadsWhatAWriterWrote) {
  const auto field = rc::gen::container<std::string>(
      rc::gen::element('a', 'b', ',', '"', '\n', '\r', ' ', '\'', ';'));
  const auto record = rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(field));
  const auto records = rc::gen::container<std::vector<std::vector<std::string>>>(record);
  const bool held = rc::check([&] {
    const auto expected = *records;
    const std::string text = written(expected, *rc::gen::arbitrary<bool>(),
                                     *rc::gen::element<std::string>("\n", "\r\n"));
    BlockReader blocks({read_memory(text, *rc::gen::inRange<std::size_t>(1, 50))}, csv_bounds({}));
    const auto records_max = *rc::gen::inRange<std::size_t>(1, 5);
    std::vector<std::vector<std::string>> found;
    std::int64_t offset = 0;
    CsvRecord raw;
    Block block;
    const job::CsvDialect dialect;
    while (*blocks.next(block, records_max)) {
      CsvReader reader(block, dialect);
      while (reader.next(raw)) {
        RC_ASSERT(raw.damage == "");
        RC_ASSERT(raw.offset == offset);
        RC_ASSERT(raw.line == 1 + std::count(text.begin(), text.begin() + offset, '\n'));
        offset += raw.bytes + (text[offset + raw.bytes] == '\r' ? 2 : 1);
        auto& out = found.emplace_back();
        for (const CsvField& f : raw.fields) {
          out.emplace_back(f.text);
        }
      }
    }
    RC_ASSERT(found == expected);
  });
  EXPECT_TRUE(held);
}

/// Sixteen bytes at a time or one, a record reads the same: the last of a block, and any that has a
/// quote, are read byte by byte.
TEST(CsvReader, ReadsARecordAloneAsAmongOthers) {
  const std::vector<std::string> parts = {",",
                                          "\n",
                                          "\r\n",
                                          "a",
                                          "bc,",
                                          "\"",
                                          "\"x\"",
                                          "\r",
                                          "\xC3\xA9",
                                          "\xFF",
                                          "a longer field,",
                                          "\x01",
                                          "#",
                                          "0123456789abcdef"};
  EXPECT_TRUE(rc::check("fields and damage do not depend on what follows", [&parts] {
    const auto choices = *rc::gen::arbitrary<std::vector<std::uint32_t>>();
    std::string text;
    for (const std::uint32_t choice : choices) {
      text += parts[choice % parts.size()];
    }
    text += "\n";
    job::CsvDialect dialect;
    dialect.comment = choices.size() % 2 == 0 ? '#' : '\0';
    const std::string followed = text + std::string(40, 'z') + "\n";
    const std::vector<std::string> records = read(followed, 1 << 20, dialect);
    for (const std::string& record : records) {
      const std::size_t from = record.find('@') + 1;
      const std::size_t plus = record.find('+');
      const std::size_t colon = record.find(':');
      const std::size_t offset = std::stoul(record.substr(from, plus - from));
      const std::size_t bytes = std::stoul(record.substr(plus + 1, colon - plus - 1));
      if (offset >= text.size() || offset + bytes > text.size() ||
          text[offset + bytes - 1] == '\r' || record.find("still open") != std::string::npos) {
        continue;  // what ends here depends on what follows
      }
      const std::string own = text.substr(offset, bytes);
      const std::vector<std::string> alone = read(own, 1 << 20, dialect);
      RC_ASSERT(alone.size() == 1U);
      const std::string read_alone = alone[0].substr(alone[0].find(':'));
      RC_ASSERT(read_alone == record.substr(colon));
    }
  }));
}

TEST(CsvReader, AnyBytesComeBackWholeInRecords) {
  const auto bytes = rc::gen::container<std::string>(
      rc::gen::element('a', ',', '"', '\n', '\r', '\0', '\xC3', '\xA4', '\xFF'));
  const bool held = rc::check([&] {
    const std::string text = *bytes;
    const auto whole = read(text);
    RC_ASSERT(read(text, *rc::gen::inRange<std::size_t>(1, 10), {},
                   *rc::gen::inRange<std::size_t>(1, 4)) == whole);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace sluice::decode
