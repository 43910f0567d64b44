#include "sluice/contract/diff.h"

#include <gtest/gtest.h>

#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

/// The one change between two versions of a column `a`: `p` breaks producers, `c` consumers.
std::string change(const std::string& from, const std::string& to) {
  const auto column = [](const std::string& keys) {
    return sound(contract_of("      - {name: a, " + keys + "}\n"));
  };
  std::string said;
  for (const Change& found : compare(column(from), column(to))) {
    said += said.empty() ? "" : "; ";
    said += std::string(found.breaks_producers ? "p" : "") + (found.breaks_consumers ? "c" : "") +
            ": " + found.what;
  }
  return said;
}

TEST(ContractDiff, SaysWhomAChangeOfARuleBreaks) {
  EXPECT_EQ(change("logicalType: string", "logicalType: string"), "");
  EXPECT_EQ(change("logicalType: string", "logicalType: string, required: true"),
            "p: column a: the required rule 'present' is new");
  EXPECT_EQ(change("logicalType: string, required: true", "logicalType: string"),
            "c: column a: the required rule 'present' is gone");
  EXPECT_EQ(change("logicalType: string, enum: [{value: x}]",
                   "logicalType: string, enum: [{value: x}, {value: y}]"),
            "c: column a: its domain 'one of x' is now 'one of x, y'");
  EXPECT_EQ(change("logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 9}",
                   "logicalType: integer, logicalTypeOptions: {minimum: 2, maximum: 9}"),
            "p: column a: its range 'at least 1 and at most 9' is now 'at least 2 and at most 9'");
}

TEST(ContractDiff, KnowsWideningAndStableIds) {
  EXPECT_EQ(change("logicalType: integer, physicalType: int", "logicalType: integer").substr(0, 37),
            ": column a: its type int is now long");
  const Contract from = sound(contract_of("      - {name: a, id: k1, logicalType: string}\n"));
  const Contract to = sound(contract_of("      - {name: b, id: k1, logicalType: string}\n"));
  const auto changes = compare(from, to);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].what, "column a is now called b");
  EXPECT_TRUE(changes[0].breaks_producers && changes[0].breaks_consumers);
}

TEST(ContractDiff, SeesColumnsComeAndGo) {
  const Contract from = sound(contract_of("      - {name: a, logicalType: string}\n"));
  const Contract to = sound(contract_of("      - {name: b, logicalType: string}\n"));
  const auto changes = compare(from, to);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].what, "column a is gone");
  EXPECT_TRUE(changes[0].breaks_consumers);
  EXPECT_EQ(changes[1].what, "column b is new");
  EXPECT_FALSE(changes[1].breaking());
}

}  // namespace
}  // namespace sluice::contract
