#include "sluice/contract/internal/written_form.h"

#include <gtest/gtest.h>

#include "sluice/contract/compile.h"
#include "sluice/contract/tests/sample.h"

namespace sluice::contract::internal {
namespace {

using data::TypeKind;

/// `pattern -> iso`, or what stands in the way.
std::string read(std::string_view format, TypeKind kind) {
  std::string problem;
  const auto form = read_form(format, kind, problem);
  return form ? form->pattern + " -> " + form->iso : problem;
}

TEST(WrittenForm, PutsThePartsInTheOrderOfIso) {
  EXPECT_EQ(read("dd.MM.yyyy", TypeKind::kDate),
            R"(([0-9]{2})\.([0-9]{2})\.([0-9]{4}) -> \3-\2-\1)");
  EXPECT_EQ(read("uuuuMMdd", TypeKind::kDate), R"(([0-9]{4})([0-9]{2})([0-9]{2}) -> \1-\2-\3)");
  EXPECT_EQ(read("HHmm", TypeKind::kTime), R"(([01][0-9]|2[0-3])([0-5][0-9]) -> \1:\2)");
  EXPECT_EQ(read("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", TypeKind::kTimestamptz),
            R"(([0-9]{4})\-([0-9]{2})\-([0-9]{2})T([01][0-9]|2[0-3])\:([0-5][0-9])\:)"
            R"(([0-5][0-9])\.([0-9]{3})(Z|[+-][0-9]{2}:[0-9]{2}) -> \1-\2-\3T\4:\5:\6.\7\8)");
  EXPECT_EQ(read("yyyy'o''clock'''MMdd", TypeKind::kDate),
            R"(([0-9]{4})o\'clock\'([0-9]{2})([0-9]{2}) -> \1-\2-\3)");
}

TEST(WrittenForm, NamesWhatCannotBeExecuted) {
  EXPECT_EQ(read("d.M.yy", TypeKind::kDate), "'d' cannot be executed");
  EXPECT_EQ(read("dd MMM yyyy", TypeKind::kDate), "'MMM' cannot be executed");
  EXPECT_EQ(read("yyyy-MM-dd hh:mm a", TypeKind::kTimestamp), "'hh' cannot be executed");
  EXPECT_EQ(read("yyyy-MM-dd[ HH]", TypeKind::kTimestamp),
            "'[' is no text, and cannot be executed");
  EXPECT_EQ(read("yyyy-MM", TypeKind::kDate), "'dd' is missing");
  EXPECT_EQ(read("yyyy-MM-dd HH:mm", TypeKind::kDate), "'HH' is no part of a date");
  EXPECT_EQ(read("yyyy-MM-dd HH", TypeKind::kTimestamp), "'mm' is missing");
  EXPECT_EQ(read("yyyy-MM-dd mm", TypeKind::kTimestamp), "'mm' needs 'HH'");
  EXPECT_EQ(read("yyyy-MM-dd HH:mmXXX", TypeKind::kTimestamp),
            "'XXX' needs a timestamp with timezone: true");
  EXPECT_EQ(read("yyyy-MM-dd dd", TypeKind::kDate), "'dd' occurs twice");
  EXPECT_EQ(read("yyyy-MM-dd'T", TypeKind::kDate), "the quote at character 11 is not closed");
  EXPECT_EQ(read("yyyy-MM-dd HH:mm:ss.SSSSSSS", TypeKind::kTimestamp),
            "'SSSSSSS' cannot be executed");
  EXPECT_EQ(read("", TypeKind::kDate), "'yyyy' is missing");
}

TEST(WrittenForm, JudgesAndCasts) {
  const Contract contract = sound(contract_of(
      "      - {name: d, logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}}\n"));
  const std::string cast =
      R"(CASE WHEN regexp_full_match("d", '([0-9]{2})\.([0-9]{2})\.([0-9]{4})') THEN )"
      R"(TRY_CAST(regexp_replace("d", '^([0-9]{2})\.([0-9]{2})\.([0-9]{4})$', '\3-\2-\1') AS DATE) END)";
  EXPECT_EQ(column_cast(contract, contract.schema.fields[0]), cast);
  EXPECT_EQ(contract.rules[0].message, "a date written dd.MM.yyyy");
  EXPECT_NE(verdict_expression(contract).find(cast), std::string::npos);
}

}  // namespace
}  // namespace sluice::contract::internal
