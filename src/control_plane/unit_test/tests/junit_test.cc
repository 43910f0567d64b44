#include "sluice/unit_test/junit.h"

#include <gmock/gmock.h>

namespace sluice::unit_test {
namespace {

using testing::HasSubstr;

project::UnitTest test(std::string name) {
  project::UnitTest test;
  test.name = std::move(name);
  test.file = "tests/a.yaml";
  test.subject = "gold.a";
  test.mark = {3, 5};
  return test;
}

TEST(Junit, CountsAndEscapes) {
  TestResult failed;
  failed.outcome = Outcome::kFailed;
  failed.message = "1 row expected, 0 came\n-  <a> & \"b\"\x01\n";
  failed.wall_us = 1'500'000;
  const std::string xml = junit_xml("shop", {test("works"), test("a < b")}, {{}, failed});
  EXPECT_THAT(xml, HasSubstr("<testsuites name=\"shop\" tests=\"2\" failures=\"1\" errors=\"0\" "
                             "time=\"1.500\">"));
  EXPECT_THAT(xml, HasSubstr("name=\"works\" file=\"tests/a.yaml\" line=\"3\" time=\"0.000\"/>"));
  EXPECT_THAT(xml, HasSubstr("name=\"a &lt; b\""));
  EXPECT_THAT(xml, HasSubstr("&lt;a&gt; &amp; &quot;b&quot;?"));
  EXPECT_THAT(xml, HasSubstr("message=\"1 row expected, 0 came\""));
}

}  // namespace
}  // namespace sluice::unit_test
