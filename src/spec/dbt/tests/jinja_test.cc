#include "sluice/dbt/jinja.h"

#include <gmock/gmock.h>

namespace sluice::dbt {
namespace {

using testing::HasSubstr;

std::string rendered(std::string_view text) {
  JinjaScope scope;
  scope.variables["payment_methods"] =
      JinjaValue(JinjaValue::List{JinjaValue("card"), JinjaValue("coupon")});
  scope.variables["limits"] = JinjaValue(JinjaValue::Map{{"low", std::int64_t{1}}});
  const auto result = render_jinja(text, scope);
  return result ? *result : "error: " + result.error().message;
}

TEST(Jinja, LeavesTextAloneAndDropsComments) {
  EXPECT_EQ(rendered("SELECT '{' || x {# why #} FROM t"), "SELECT '{' || x  FROM t");
}

TEST(Jinja, PrintsExpressions) {
  EXPECT_EQ(rendered("{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }}"),
            "7 9 3 -4 1");
  EXPECT_EQ(rendered("{{ 'a' ~ 1 }} {{ \"it's\" }} {{ 1 == 1.0 }} {{ not 0 }}"),
            "a1 it's True True");
  EXPECT_EQ(rendered("{{ 'x' if 1 > 2 else 'y' }}{{ none }}{{ [1, 'a'] }}"), "y[1, 'a']");
  EXPECT_EQ(rendered("{{ payment_methods[-1] }} {{ limits.low }} {{ limits['low'] }}"),
            "coupon 1 1");
  EXPECT_EQ(rendered("{{ 'card' in payment_methods and 'b' not in payment_methods }}"), "True");
}

TEST(Jinja, AppliesFiltersAndTests) {
  EXPECT_EQ(rendered("{{ payment_methods | join(', ') | upper }}"), "CARD, COUPON");
  EXPECT_EQ(rendered("{{ nothing | default('d') }} {{ 'a-b' | replace('-', '_') }}"), "d a_b");
  EXPECT_EQ(rendered("{{ payment_methods | length }} {{ x is defined }} {{ x is not defined }}"),
            "2 False True");
  EXPECT_EQ(rendered("{{ ' a '.strip() }}{{ limits.items() | length }}"), "a1");
}

TEST(Jinja, LoopsKnowWhereTheyAre) {
  EXPECT_EQ(rendered("{% for m in payment_methods -%}\n  sum({{ m }}){{ ',' if not loop.last }}\n"
                     "{%- endfor %}"),
            "sum(card),sum(coupon)");
  EXPECT_EQ(rendered("{% for k, v in limits.items() %}{{ k }}={{ v }}{% endfor %}"), "low=1");
  EXPECT_EQ(rendered("{% for i in range(3) if i != 1 %}{{ i }}{% endfor %}"), "02");
  EXPECT_EQ(rendered("{% for i in [] %}x{% else %}none{% endfor %}"), "none");
}

TEST(Jinja, WhatIsSetInALoopIsForgottenBehindIt) {
  EXPECT_EQ(rendered("{% set x = 1 %}{% for i in [5] %}{% set x = i %}{{ x }}{% endfor %}{{ x }}"),
            "51");
}

TEST(Jinja, ChoosesBranches) {
  EXPECT_EQ(rendered("{% if limits.low > 1 %}a{% elif limits.low == 1 %}b{% else %}c{% endif %}"),
            "b");
}

TEST(Jinja, MacrosTakeDefaultsAndReturn) {
  EXPECT_EQ(rendered("{% macro cents(column, places=2) %}round({{ column }} / 100, {{ places }})"
                     "{% endmacro %}{{ cents('amount') }} {{ cents('tax', places=4) }}"),
            "round(amount / 100, 2) round(tax / 100, 4)");
  EXPECT_EQ(rendered("{% macro list() %}{{ return([1, 2]) }} never{% endmacro %}"
                     "{% for i in list() %}{{ i }}{% endfor %}"),
            "12");
}

TEST(Jinja, RawIsNotRead) { EXPECT_EQ(rendered("{% raw %}{{ x }}{% endraw %}!"), "{{ x }}!"); }

TEST(Jinja, NamesWhatItDoesNotKnowWithTheLine) {
  EXPECT_EQ(rendered("\n{{ dbt_utils.star(x) }}"), "error: line 2: 'x' is not known");
  EXPECT_EQ(rendered("{{ adapter.dispatch('a') }}"),
            "error: line 1: 'adapter.dispatch()' is not known");
  EXPECT_EQ(rendered("{{ 'a' | tojson }}"), "error: line 1: filter 'tojson' is not known");
  EXPECT_EQ(rendered("{% snapshot s %}"), "error: line 1: block 'snapshot' is not known");
  EXPECT_EQ(rendered("{{ unknown }}"), "error: line 1: 'unknown' is not known");
}

TEST(Jinja, SaysWhatIsMalformed) {
  EXPECT_EQ(rendered("a\n{{ 1 + "), "error: line 2: '{{' is never closed");
  EXPECT_THAT(rendered("{% if 1 %}"), HasSubstr("'endif' is missing"));
  EXPECT_THAT(rendered("{{ 1 1 }}"), HasSubstr("'1' is in the way"));
  EXPECT_THAT(rendered("{{ 1 / 0 }}"), HasSubstr("division by zero"));
}

TEST(Jinja, EndsTemplatesThatWouldNot) {
  EXPECT_THAT(rendered("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}"),
              HasSubstr("calls itself without end"));
  EXPECT_THAT(rendered("{% for i in range(1000) %}{% for k in range(1000) %}x{% endfor %}"
                       "{% endfor %}"),
              HasSubstr("200,000 steps"));
  EXPECT_THAT(rendered("{{ " + std::string(5000, '(') + " }}"), HasSubstr("nested too deep"));
}

}  // namespace
}  // namespace sluice::dbt
