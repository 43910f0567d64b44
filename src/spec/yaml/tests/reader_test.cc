#include "sluice/yaml/reader.h"

#include <gtest/gtest.h>

namespace sluice::yaml {
namespace {

class ReaderTest : public testing::Test {
 protected:
  const Node& root(std::string text) {
    document_ = parse(SourceText{"t.yaml", std::move(text)}, diagnostics_);
    return document_.root;
  }
  const Node& at(const std::string& text) { return *root("k: " + text).find("k"); }

  Diagnostics diagnostics_;
  Document document_;
  Reader reader_{diagnostics_, [](std::string_view name) -> std::optional<std::string> {
                   return name == "N" ? std::optional<std::string>("42") : std::nullopt;
                 }};
};

TEST_F(ReaderTest, ReadsTypedValues) {
  EXPECT_EQ(reader_.text(at("a b"), "it"), "a b");
  EXPECT_EQ(reader_.integer(at("17"), "it", 0, 20), 17);
  EXPECT_EQ(reader_.integer(at("${N}"), "it", 0, 99), 42);
  EXPECT_EQ(reader_.boolean(at("True"), "it"), true);
  EXPECT_EQ(reader_.duration_ms(at("5m"), "it"), 300'000);
  EXPECT_EQ(reader_.bytes(at("512MiB"), "it"), std::int64_t{512} << 20);
  EXPECT_EQ(reader_.texts(at("[a, 'b']"), "it"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reader_.texts(at("a"), "it"), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(diagnostics_.empty()) << diagnostics_.to_text();
}

TEST_F(ReaderTest, ReportsEachWrongValueAtItsPlaceAndGoesOn) {
  EXPECT_EQ(reader_.integer(at("1.5"), "threads", 1, 9), std::nullopt);
  EXPECT_EQ(reader_.integer(at("10"), "threads", 1, 9), std::nullopt);
  EXPECT_EQ(reader_.boolean(at("yes"), "header"), std::nullopt);
  EXPECT_EQ(reader_.duration_ms(at("5"), "settle"), std::nullopt);
  EXPECT_EQ(reader_.text(at("[a]"), "name"), std::nullopt);
  EXPECT_EQ(reader_.texts(at("[a, [b]]"), "nulls"), std::nullopt);
  ASSERT_EQ(diagnostics_.size(), 6U);
  EXPECT_EQ(diagnostics_.items()[0].message,
            "threads must be a whole number from 1 to 9, not '1.5'");
  EXPECT_EQ(diagnostics_.items()[4].message, "name must be a single value, not a list");
  EXPECT_EQ(diagnostics_.items()[5].mark, (Mark{1, 8}));
}

TEST_F(ReaderTest, PointsAtTheVariableThatIsNotSet) {
  EXPECT_EQ(reader_.text(at("'a/${NOPE}'"), "path"), std::nullopt);
  ASSERT_EQ(diagnostics_.size(), 1U);
  EXPECT_EQ(diagnostics_.items()[0].mark, (Mark{1, 7}));
  EXPECT_EQ(diagnostics_.items()[0].message, "the variable NOPE is not set");
}

TEST_F(ReaderTest, ExpandsNothingWithoutAnEnvironment) {
  Reader plain(diagnostics_);
  EXPECT_EQ(plain.text(at("^${N}$"), "pattern"), "^${N}$");
}

TEST_F(ReaderTest, OffersTheNearestChoiceAndRefusesUnbuiltOnesByName) {
  constexpr std::string_view kCan[] = {"quarantine", "drop"};
  constexpr std::string_view kLater[] = {"mask"};
  EXPECT_EQ(reader_.choice(at("drop"), "on_violation", kCan, kLater), "drop");
  EXPECT_EQ(reader_.choice(at("quarantin"), "on_violation", kCan, kLater), std::nullopt);
  EXPECT_EQ(reader_.choice(at("mask"), "on_violation", kCan, kLater), std::nullopt);
  ASSERT_EQ(diagnostics_.size(), 2U);
  EXPECT_EQ(diagnostics_.items()[0].hint, "did you mean 'quarantine'?");
  EXPECT_EQ(diagnostics_.items()[1].message, "on_violation 'mask' is not built yet");
}

TEST_F(ReaderTest, NamesUnknownAndUnbuiltKeys) {
  constexpr std::string_view kKnown[] = {"contract", "path"};
  constexpr UnsupportedKey kLater[] = {{"dedupe", "drop duplicates in a model"}};
  reader_.check_known_keys(root("contrat: a\npath: b\ndedupe: c\nzzz: d\n"), "a source", kKnown,
                           kLater);
  ASSERT_EQ(diagnostics_.size(), 3U);
  EXPECT_EQ(diagnostics_.items()[0].message, "unknown key 'contrat' in a source");
  EXPECT_EQ(diagnostics_.items()[0].hint, "did you mean 'contract'?");
  EXPECT_EQ(diagnostics_.items()[1].message, "'dedupe' in a source is not built yet");
  EXPECT_EQ(diagnostics_.items()[1].hint, "drop duplicates in a model");
  EXPECT_EQ(diagnostics_.items()[2].hint, "");
}

TEST_F(ReaderTest, MissesRequiredKeys) {
  EXPECT_EQ(reader_.required(root("a: 1\n"), "source", "a source"), nullptr);
  ASSERT_EQ(diagnostics_.size(), 1U);
  EXPECT_EQ(diagnostics_.items()[0].message, "a source lacks 'source'");
}

}  // namespace
}  // namespace sluice::yaml
