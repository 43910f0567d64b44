#include "sluice/yaml/document.h"

#include <gtest/gtest.h>

namespace sluice::yaml {
namespace {

Document read(std::string text, Diagnostics& diagnostics) {
  return parse(SourceText{"t.yaml", std::move(text)}, diagnostics);
}

/// Parses a text that is wrong and returns what is said of it.
std::string complaint(std::string text) {
  Diagnostics diagnostics;
  const Document document = read(std::move(text), diagnostics);
  return diagnostics.to_text();
}

TEST(Document, KeepsThePlaceOfEveryKeyAndValue) {
  Diagnostics diagnostics;
  const Document document = read("a: 1\nb:\n  - x\n  - {c: 'd'}\n", diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << diagnostics.to_text();
  ASSERT_TRUE(document.root.is_map());
  EXPECT_EQ(document.root.key_mark("b"), (Mark{2, 1}));
  EXPECT_EQ(document.root.find("a")->mark, (Mark{1, 4}));
  const Node& list = *document.root.find("b");
  ASSERT_EQ(list.children.size(), 2U);
  EXPECT_EQ(list.children[0].mark, (Mark{3, 5}));
  EXPECT_EQ(list.children[1].find("c")->text, "d");
  EXPECT_TRUE(list.children[1].find("c")->quoted);
  EXPECT_EQ(list.children[1].find("c")->mark, (Mark{4, 9}));
  EXPECT_EQ(document.root.find("z"), nullptr);
}

TEST(Document, TellsNullFromTextThatSpellsIt) {
  Diagnostics diagnostics;
  const Document document = read("a: null\nb: 'null'\nc:\nd: ~\ne: ''\n", diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  EXPECT_TRUE(document.root.find("a")->is_null());
  EXPECT_TRUE(document.root.find("b")->is_scalar());
  EXPECT_TRUE(document.root.find("c")->is_null());
  EXPECT_TRUE(document.root.find("d")->is_null());
  EXPECT_TRUE(document.root.find("e")->is_scalar());
}

TEST(Document, OfNothingIsNullAndNoMistake) {
  for (const char* text : {"", "\n", "# only a remark\n"}) {
    Diagnostics diagnostics;
    const Document document = read(text, diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << text;
    EXPECT_TRUE(document.root.is_null());
    EXPECT_NE(document.root.source, nullptr);
  }
}

TEST(Document, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(complaint("a: 1\nb: 2\na: 3\n"),
            "t.yaml:3:1: key 'a' stands here a second time\n  a: 3\n  ^\n"
            "  hint: the first is on line 1\n");
}

TEST(Document, NamesThePlaceOfASyntaxError) {
  EXPECT_TRUE(complaint("a: [1, 2\nb: 3\n").starts_with("t.yaml:"));
  EXPECT_TRUE(complaint("a:\n\t- b\n").starts_with("t.yaml:2:2: not valid YAML"))
      << complaint("a:\n\t- b\n");
}

TEST(Document, RefusesASecondDocument) {
  EXPECT_NE(complaint("a: 1\n---\nb: 1\n").find("a second document"), std::string::npos);
}

TEST(Document, RefusesTags) {
  EXPECT_NE(complaint("a: !!binary abc\n").find("tags such as"), std::string::npos);
}

TEST(Document, RefusesKeysThatAreNoSingleValue) {
  EXPECT_NE(complaint("? [a, b]\n: c\n").find("a key must be a single value"), std::string::npos);
}

TEST(Document, RefusesBytesThatAreNotText) {
  EXPECT_EQ(complaint("a: 1\nb: \xff\n"),
            "t.yaml:2:4: a byte that is neither UTF-8 nor printable\n"
            "  hint: save the file as UTF-8\n");
  EXPECT_NE(complaint(std::string("a: \0", 4)), "");
  EXPECT_NE(complaint("a: \xc0\x80\n"), "");      // overlong
  EXPECT_NE(complaint("a: \xed\xa0\x80\n"), "");  // surrogate
  EXPECT_EQ(complaint("a: \xf0\x9f\x8c\x8a ä €\n"), "");
}

TEST(Document, IsBoundedInBytes) {
  std::string text = "a: ";
  text.append(kDocumentBytesMax, 'x');
  EXPECT_EQ(complaint(text), "t.yaml:1:1: larger than 4 MiB\n");
}

TEST(Document, IsBoundedInDepth) {
  EXPECT_EQ(complaint(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_NE(complaint(std::string(65, '[') + std::string(65, ']')).find("deeper than 64"),
            std::string::npos);
  EXPECT_NE(complaint(std::string(200'000, '[')), "");
  std::string blocks;
  for (int i = 0; i < 70; ++i) {
    blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  }
  EXPECT_NE(complaint(blocks).find("deeper than 64"), std::string::npos);
}

TEST(Document, CopiesAnAliasAndBoundsWhatAliasesMultiply) {
  Diagnostics diagnostics;
  const Document document = read("a: &x {k: v}\nb: *x\n", diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  EXPECT_EQ(document.root.find("b")->find("k")->text, "v");

  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    laughs.append(name).append(": &").append(name).append(" [").append(before);
    for (int k = 0; k < 9; ++k) {
      laughs += ", " + before;
    }
    laughs += "]\n";
  }
  EXPECT_NE(complaint(laughs).find("more than 200,000 values"), std::string::npos);
  EXPECT_NE(complaint("a: &x [*x]\n"), "");
  EXPECT_NE(complaint("a: *nobody\n"), "");
}

TEST(Document, ReadsAPieceOfAFileWithThePlacesOfTheWhole) {
  const std::string file = "-- a remark\n/*---\nkey: [day]\nkey: 1\n---*/\nSELECT 1\n";
  const std::size_t begin = file.find("key:");
  const std::size_t end = file.find("---*/");
  Diagnostics diagnostics;
  const Document document = parse({"m.sql", file}, Extent{begin, end, 3}, diagnostics);
  EXPECT_EQ(document.root.key_mark("key"), (Mark{3, 1}));
  EXPECT_TRUE(diagnostics.to_text().starts_with("m.sql:4:1: key 'key' stands here"))
      << diagnostics.to_text();
}

TEST(Document, IsReadQuickly) {
  const std::string text =
      "source: bronze.orders\ntype: files\npath: ${DATA}/orders/*.csv\nraw: copy\n"
      "contract: contracts/orders.odcs.yaml\non_violation: quarantine\nnulls: [NA, '']\n"
      "partition_by: [day(ts)]\ndescription: orders as they come\nsettle: 2s\n";
  for (int i = 0; i < 1000; ++i) {
    Diagnostics diagnostics;
    const Document document = read(text, diagnostics);
    ASSERT_TRUE(diagnostics.empty());
  }
}

}  // namespace
}  // namespace sluice::yaml
