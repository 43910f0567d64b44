#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/base/text.h"
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

}  // namespace

Result<int> run_validate(const CommandLine& line) {
  yaml::Diagnostics found;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open_as_is(line.workspace, found));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze(found));
  const project::Project& project = workspace->project();
  // A test of something that could not be read would be blamed for naming nothing.
  if (!project.sources_unread && project.contract_texts.size() == project.contracts.size()) {
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
  if (line.json) {
    fmt::print("{}\n", nlohmann::json{{"ok", true},
                                      {"sources", project.sources.size()},
                                      {"contracts", project.contracts.size()},
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
               counted(project.sources.size(), "source"),
               counted(project.contracts.size(), "contract"),
               counted(project.models.size() - seeds, "model"),
               seeds == 0 ? "" : ", " + counted(seeds, "seed"));
  }
  return 0;
}

}  // namespace sluice::app
