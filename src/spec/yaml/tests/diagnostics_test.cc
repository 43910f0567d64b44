#include "sluice/yaml/diagnostics.h"

#include <gtest/gtest.h>

namespace sluice::yaml {
namespace {

const SourceText kSource{"sources/orders.yaml", "source: bronze.orders\ncontrat: a\n\tx: ä?\n"};

TEST(Diagnostics, ShowTheOffendingLineWithACaretAndTheHint) {
  Diagnostics diagnostics;
  diagnostics.add(kSource, {2, 1}, "unknown key 'contrat'", "did you mean 'contract'?");
  EXPECT_EQ(diagnostics.to_text(),
            "sources/orders.yaml:2:1: unknown key 'contrat'\n"
            "  contrat: a\n"
            "  ^\n"
            "  hint: did you mean 'contract'?\n");
}

TEST(Diagnostics, PutTheCaretUnderTabsAndCharactersOfManyBytes) {
  Diagnostics diagnostics;
  diagnostics.add(kSource, {3, 7}, "odd");
  EXPECT_EQ(diagnostics.to_text(), "sources/orders.yaml:3:7: odd\n  \tx: ä?\n  \t    ^\n");
}

TEST(Diagnostics, AreOrderedByFileLineAndColumn) {
  Diagnostics diagnostics;
  diagnostics.add({"b", {1, 1}, "third", "", ""});
  diagnostics.add({"a", {2, 5}, "second", "", ""});
  diagnostics.add({"a", {2, 1}, "first", "", ""});
  diagnostics.sort();
  EXPECT_EQ(diagnostics.to_text(), "a:2:1: first\na:2:5: second\nb:1:1: third\n");
}

TEST(Diagnostics, KeepABoundedNumberAndCountTheRest) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < Diagnostics::kDiagnosticsMax + 7; ++i) {
    diagnostics.add({"a", {1, 1}, "x", "", ""});
  }
  EXPECT_EQ(diagnostics.items().size(), Diagnostics::kDiagnosticsMax);
  EXPECT_TRUE(diagnostics.to_text().ends_with("and 7 more\n"));
}

TEST(Diagnostics, BecomeOneInvalidInputError) {
  Diagnostics diagnostics;
  diagnostics.add({"a", {1, 1}, "x", "", ""});
  EXPECT_EQ(diagnostics.to_error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(diagnostics.to_error().message, "a:1:1: x");
}

TEST(SourceText, HasLinesWithoutTheirBreaks) {
  const SourceText source{"a", "one\r\ntwo\n"};
  EXPECT_EQ(source.line(1), "one");
  EXPECT_EQ(source.line(2), "two");
  EXPECT_EQ(source.line(3), "");
  EXPECT_EQ(source.line(9), "");
}

}  // namespace
}  // namespace sluice::yaml
