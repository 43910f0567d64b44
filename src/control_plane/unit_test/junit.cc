#include "sluice/unit_test/junit.h"

#include <fmt/format.h>

#include <map>

namespace sluice::unit_test {

namespace {

/// Writes text for an attribute or an element; characters that XML 1.0 forbids become `?`.
std::string escaped(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    switch (c) {
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '&':
        xml += "&amp;";
        break;
      case '"':
        xml += "&quot;";
        break;
      default:
        xml += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return xml;
}

/// One file's tests.
struct Suite {
  std::vector<std::size_t> tests;
  int failures = 0;
  int errors = 0;
  std::int64_t wall_us = 0;
};

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

std::string test_case(const project::UnitTest& test, const TestResult& result) {
  const std::string head =
      fmt::format(R"(    <testcase classname="{}" name="{}" file="{}" line="{}" time="{:.3f}")",
                  escaped(test.subject), escaped(test.name), escaped(test.file), test.mark.line,
                  seconds(result.wall_us));
  if (result.outcome == Outcome::kPassed) {
    return head + "/>\n";
  }
  const char* element = result.outcome == Outcome::kFailed ? "failure" : "error";
  const std::string first = result.message.substr(0, result.message.find('\n'));
  return fmt::format("{}>\n      <{} message=\"{}\">{}</{}>\n    </testcase>\n", head, element,
                     escaped(first), escaped(result.message), element);
}

}  // namespace

std::string junit_xml(const std::string& project, const std::vector<project::UnitTest>& tests,
                      const std::vector<TestResult>& results) {
  std::map<std::string, Suite> suites;
  Suite all;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    for (Suite* suite : {&suites[tests[i].file], &all}) {
      suite->tests.push_back(i);
      suite->failures += results[i].outcome == Outcome::kFailed ? 1 : 0;
      suite->errors += results[i].outcome == Outcome::kError ? 1 : 0;
      suite->wall_us += results[i].wall_us;
    }
  }
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format(
      "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n",
      escaped(project), all.tests.size(), all.failures, all.errors, seconds(all.wall_us));
  for (const auto& [file, suite] : suites) {
    xml += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n",
        escaped(file), suite.tests.size(), suite.failures, suite.errors, seconds(suite.wall_us));
    for (const std::size_t i : suite.tests) {
      xml += test_case(tests[i], results[i]);
    }
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace sluice::unit_test
