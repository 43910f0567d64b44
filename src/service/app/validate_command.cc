#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/base/text.h"
#include "sluice/project/portability.h"
#include "sluice/project/unit_test.h"
#include "sluice/run/invocation.h"
#include "sluice/run/partition_check.h"

namespace sluice::app {

using base::Result;

namespace {

void print_wrong(const CommandLine& line, const yaml::Diagnostics& found,
                 const std::vector<std::string>& others) {
  std::string text = found.empty() ? "" : found.to_text();
  for (const std::string& other : others) {
    text += (text.empty() || text.ends_with('\n') ? "" : "\n") + other;
  }
  if (line.json) {
    nlohmann::ordered_json document = {{"ok", false}, {"kind", "invalid_input"}, {"error", text}};
    document["problems"] = nlohmann::ordered_json::array();
    for (const yaml::Diagnostic& item : found.items()) {
      document["problems"].push_back({{"file", item.file},
                                      {"line", item.mark.line},
                                      {"column", item.mark.column},
                                      {"message", item.message},
                                      {"hint", item.hint}});
    }
    for (const std::string& other : others) {
      document["problems"].push_back({{"message", other}});
    }
    fmt::print("{}\n",
               document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  std::fflush(stdout);
  fmt::print(stderr, "sluice: {}\n", text);
}

/// Names what other engines do not understand; returns the exit code.
int report_portability(const CommandLine& line, const project::Project& project,
                       const project::Analysis& analysis) {
  const auto problems = project::portability_problems(project, analysis);
  const auto models = static_cast<std::size_t>(
      std::count_if(project.models.begin(), project.models.end(),
                    [](const project::Model& model) { return !model.is_seed(); }));
  std::set<std::string> stuck;
  std::size_t broken = 0;
  auto list = nlohmann::ordered_json::array();
  for (const project::PortabilityProblem& problem : problems) {
    const sql::PortabilityFinding& finding = problem.finding;
    if (!finding.portable()) {
      stuck.insert(problem.model);
      ++broken;
    }
    if (line.json) {
      list.push_back({{"model", problem.model},
                      {"file", problem.place.file},
                      {"line", problem.place.mark.line},
                      {"column", problem.place.mark.column},
                      {"construct", finding.construct},
                      {"spark", finding.spark},
                      {"flink", finding.flink},
                      {"rewritten", finding.rewritten},
                      {"instead", finding.instead}});
    } else if (!finding.portable()) {
      fmt::print("{}\n", yaml::to_text(problem.place));
    }
  }
  const std::size_t rewritten = problems.size() - broken;
  if (line.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"ok", broken == 0},
                                              {"models", models},
                                              {"portable", models - stuck.size()},
                                              {"constructs", std::move(list)}}
                           .dump());
  } else {
    fmt::print(
        "{} of {} models can run on Spark and Flink; {} construct{} stand in the way, {} only "
        "need{} another name\n",
        models - stuck.size(), models, broken, broken == 1 ? "" : "s", rewritten,
        rewritten == 1 ? "s" : "");
  }
  return broken == 0 ? 0 : 1;
}

}  // namespace

Result<int> run_validate(const CommandLine& line) {
  yaml::Diagnostics found;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open_as_is(line.workspace, found));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze(found));
  const project::Project& project = workspace->project();
  // A test of something that could not be read would be blamed for naming nothing.
  const auto declared = static_cast<std::size_t>(std::count_if(
      project.contracts.begin(), project.contracts.end(),
      [&](const auto& contract) { return project.contract_texts.contains(contract.file); }));
  if (!project.sources_unread && project.contract_texts.size() == declared) {
    SLUICE_RETURN_IF_ERROR(project::load_unit_tests(project, found));
  }
  std::vector<std::string> others;
  const auto check = [&](const base::Status& status) {
    if (!status) {
      others.push_back(status.error().message);
    }
  };
  if (analysis != nullptr) {
    check(run::check_partitions(project, *analysis));
  }
  check(run::check_levers(project));
  if (!found.empty() || !others.empty()) {
    print_wrong(line, found, others);
    return 1;
  }
  if (line.portable && analysis != nullptr) {
    return report_portability(line, project, *analysis);
  }
  if (line.json) {
    fmt::print("{}\n", nlohmann::json{{"ok", true},
                                      {"sources", project.sources.size()},
                                      {"contracts", declared},
                                      {"models", project.models.size()}}
                           .dump());
  } else {
    const auto counted = [](std::size_t count, const char* what) {
      return fmt::format("{} {}{}", base::format_count(static_cast<std::int64_t>(count)), what,
                         count == 1 ? "" : "s");
    };
    const auto seeds = static_cast<std::size_t>(
        std::count_if(project.models.begin(), project.models.end(),
                      [](const project::Model& model) { return model.is_seed(); }));
    fmt::print("{} is valid: {}, {}, {}{}\n", project.name,
               counted(project.sources.size(), "source"), counted(declared, "contract"),
               counted(project.models.size() - seeds, "model"),
               seeds == 0 ? "" : ", " + counted(seeds, "seed"));
  }
  return 0;
}

}  // namespace sluice::app
