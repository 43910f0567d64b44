#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/app/command_line.h"
#include "sluice/app/commands.h"

namespace {

using sluice::app::CommandLine;
using Command = sluice::base::Result<int> (*)(const CommandLine&);

constexpr std::pair<const char*, Command> kCommands[] = {
    {"init", sluice::app::run_init},
    {"validate", sluice::app::run_validate},
    {"plan", sluice::app::run_plan},
    {"apply", sluice::app::run_apply},
    {"run", sluice::app::run_run},
    {"up", sluice::app::run_up},
    {"status", sluice::app::run_status},
    {"query", sluice::app::run_query},
    {"explain", sluice::app::run_explain},
    {"quarantine list", sluice::app::run_quarantine_list},
    {"export", sluice::app::run_export},
    {"snippet", sluice::app::run_snippet},
    {"quarantine show", sluice::app::run_quarantine_show},
    {"quarantine replay", sluice::app::run_quarantine_replay},
    {"quarantine waive", sluice::app::run_quarantine_waive},
    {"import dbt", sluice::app::run_import_dbt},
    {"test", sluice::app::run_test},
    {"contract validate", sluice::app::run_contract_validate},
    {"history", sluice::app::run_history},
    {"tag", sluice::app::run_tag},
    {"rollback", sluice::app::run_rollback},
    {"contract diff", sluice::app::run_contract_diff},
    {"contract infer", sluice::app::run_contract_infer},
    {"contract show", sluice::app::run_contract_show},
    {"lineage", sluice::app::run_lineage},
    {"audit", sluice::app::run_audit},
    {"backup", sluice::app::run_backup},
    {"restore", sluice::app::run_restore},
    {"doctor", sluice::app::run_doctor},
    {"erase", sluice::app::run_erase},
    {"completion", sluice::app::run_completion},
    {"target list", sluice::app::run_target_list},
    {"target reset", sluice::app::run_target_reset},
    {"alerts list", sluice::app::run_alerts_list},
    {"alerts test", sluice::app::run_alerts_test},
    {"alerts check", sluice::app::run_alerts_check},
};

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = sluice::app::parse_command_line(argc, argv);
  if (parsed.exit_code >= 0) {
    return parsed.exit_code;
  }
  for (const auto& [name, command] : kCommands) {
    if (parsed.line.command == name) {
      const auto code = command(parsed.line);
      if (code) {
        return *code;
      }
      if (parsed.line.json) {
        fmt::print("{}\n", nlohmann::json{{"ok", false},
                                          {"kind", sluice::base::to_text(code.error().kind)},
                                          {"error", code.error().message}}
                               .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      }
      std::fflush(stdout);
      fmt::print(stderr, "sluice: {}\n", code.error().message);
      return sluice::base::exit_code(code.error().kind);
    }
  }
  return 2;
}
