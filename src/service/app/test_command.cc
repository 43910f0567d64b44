#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/base/text.h"
#include "sluice/project/unit_test.h"
#include "sluice/unit_test/coverage.h"
#include "sluice/unit_test/junit.h"
#include "sluice/unit_test/runner.h"

namespace sluice::app {

namespace {

using base::Result;
using project::UnitTest;
using unit_test::Outcome;
using unit_test::TestResult;

/// Keeps the tests whose subject is selected by name, glob or graph, as `run --select` does; tests
/// of contracts go with their table.
Result<std::vector<UnitTest>> selected(std::vector<UnitTest> tests, Workspace& workspace,
                                       const project::Analysis& analysis,
                                       const std::string& select) {
  if (select.empty()) {
    return tests;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto chosen,
                          project::select(workspace.project(), analysis.graph, {select, "", {}}));
  std::vector<std::string> names;
  for (const std::size_t index : chosen) {
    const project::GraphTable& table = analysis.graph.tables[index];
    names.push_back(table.name);
    const auto& contract = table.kind == project::TableKind::kSource
                               ? workspace.project().sources[table.index].contract
                               : workspace.project().models[table.index].expectations;
    if (contract) {
      names.push_back(workspace.project().contracts[*contract].file);
      names.push_back(workspace.project().contracts[*contract].table);
    }
  }
  std::erase_if(tests, [&](const UnitTest& test) {
    return std::find(names.begin(), names.end(), test.subject) == names.end();
  });
  return tests;
}

std::string indented(const std::string& text) {
  std::string lines;
  for (const std::string& line : base::split(text, '\n')) {
    lines += line.empty() ? "" : "      " + line + "\n";
  }
  return lines;
}

void print_result(const UnitTest& test, const TestResult& result) {
  const char* word = result.outcome == Outcome::kPassed   ? "ok   "
                     : result.outcome == Outcome::kFailed ? "FAIL "
                                                          : "ERROR";
  fmt::print("{} {}: {} ({}:{}, {})\n{}", word, test.subject, test.name, test.file, test.mark.line,
             base::format_duration_us(result.wall_us), indented(result.message));
  std::fflush(stdout);
}

std::string share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "-" : fmt::format("{}/{}", part, whole);
}

void print_coverage(const std::vector<unit_test::TableCoverage>& tables) {
  fmt::print("\n{:<32}{:<8}{:>6}{:>10}{:>8}  {}\n", "coverage", "kind", "tests", "columns", "rules",
             "not looked at");
  for (const unit_test::TableCoverage& table : tables) {
    std::vector<std::string> left = table.columns_left;
    left.insert(left.end(), table.rules_left.begin(), table.rules_left.end());
    if (left.size() > 4) {
      const std::size_t more = left.size() - 4;
      left.resize(4);
      left.push_back(fmt::format("and {} more", more));
    }
    fmt::print("{:<32}{:<8}{:>6}{:>10}{:>8}  {}\n", table.table, table.kind, table.tests,
               share(table.columns_compared, table.columns), share(table.rules_broken, table.rules),
               base::join(left, ", "));
  }
}

nlohmann::ordered_json to_json(const UnitTest& test, const TestResult& result) {
  return {{"name", test.name},         {"kind", project::to_text(test.kind)},
          {"subject", test.subject},   {"file", test.file},
          {"line", test.mark.line},    {"outcome", unit_test::to_text(result.outcome)},
          {"message", result.message}, {"wall_s", static_cast<double>(result.wall_us) / 1e6}};
}

nlohmann::ordered_json to_json(const unit_test::TableCoverage& table) {
  return {{"table", table.table},
          {"kind", table.kind},
          {"tests", table.tests},
          {"columns", table.columns},
          {"columns_compared", table.columns_compared},
          {"columns_left", table.columns_left},
          {"rules", table.rules},
          {"rules_broken", table.rules_broken},
          {"rules_left", table.rules_left}};
}

/// What came of all tests.
struct Summary {
  std::vector<UnitTest> tests;
  std::vector<TestResult> results;  // one each
  std::vector<unit_test::TableCoverage> coverage;
  std::int64_t counts[3] = {0, 0, 0};  // by Outcome

  bool ok() const { return counts[1] == 0 && counts[2] == 0; }
};

void print_json(const Summary& summary, bool with_coverage) {
  nlohmann::ordered_json document = {{"ok", summary.ok()},
                                     {"passed", summary.counts[0]},
                                     {"failed", summary.counts[1]},
                                     {"errors", summary.counts[2]}};
  document["tests"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < summary.tests.size(); ++i) {
    document["tests"].push_back(to_json(summary.tests[i], summary.results[i]));
  }
  if (with_coverage) {
    document["coverage"] = nlohmann::ordered_json::array();
    for (const unit_test::TableCoverage& table : summary.coverage) {
      document["coverage"].push_back(to_json(table));
    }
  }
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_end(const Summary& summary, const CommandLine& line) {
  if (summary.tests.empty()) {
    fmt::print("there are no tests{}; write some in tests/*.yaml\n",
               line.select.empty() ? "" : " of what is selected");
  }
  if (line.coverage) {
    print_coverage(summary.coverage);
  }
  fmt::print("{}{} passed, {} failed, {} with errors\n", summary.tests.empty() ? "" : "\n",
             summary.counts[0], summary.counts[1], summary.counts[2]);
}

base::Status run_all(Summary& summary, Workspace& workspace, const project::Analysis& analysis,
                     bool printed, const std::stop_token& stop) {
  const job::Limits limits = workspace.reader_limits();
  unit_test::Runner runner({workspace.project(), analysis, workspace.engine(), workspace.files(),
                            workspace.clock(), limits, limits.spill_dir + "-test"});
  for (const UnitTest& test : summary.tests) {
    SLUICE_ASSIGN_OR_RETURN(TestResult result, runner.run(test, stop));
    ++summary.counts[static_cast<int>(result.outcome)];
    if (printed) {
      print_result(test, result);
    }
    summary.results.push_back(std::move(result));
  }
  summary.coverage =
      unit_test::coverage(workspace.project(), analysis, summary.tests, summary.results);
  return workspace.files().remove_all(limits.spill_dir);
}

}  // namespace

Result<int> run_test(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  yaml::Diagnostics diagnostics;
  SLUICE_ASSIGN_OR_RETURN(auto tests, project::load_unit_tests(workspace->project(), diagnostics));
  if (!diagnostics.empty()) {
    return diagnostics.to_error();
  }
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  Summary summary;
  SLUICE_ASSIGN_OR_RETURN(summary.tests, selected(std::move(tests), *workspace, *analysis,
                                                  base::join(line.select, " ")));
  SLUICE_RETURN_IF_ERROR(run_all(summary, *workspace, *analysis, !line.json, stop.token()));
  if (!line.junit.empty()) {
    SLUICE_RETURN_IF_ERROR(workspace->files().write_atomic(
        std::filesystem::absolute(line.junit).string(),
        unit_test::junit_xml(workspace->project().name, summary.tests, summary.results)));
  }
  if (line.json) {
    print_json(summary, line.coverage);
  } else {
    print_end(summary, line);
  }
  return summary.ok() ? 0 : 1;
}

}  // namespace sluice::app
