#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/base/text.h"
#include "sluice/control/decision_store.h"
#include "sluice/control/explain.h"

namespace sluice::app {

namespace {

using base::Result;

/// Finds the ids in a table that begin with what the user gave.
Result<std::vector<std::string>> matching_ids(metastore::Database& database, const char* table,
                                              const std::string& prefix) {
  SLUICE_ASSIGN_OR_RETURN(
      auto query, database.prepare(fmt::format(
                      "SELECT id FROM {} WHERE substr(id, 1, length(?1)) = ?1 LIMIT 3", table)));
  query.bind(1, prefix);
  std::vector<std::string> ids;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return ids;
    }
    ids.push_back(query.get_text(0));
  }
}

Result<int> explain_decision(Workspace& workspace, const std::string& id, bool json) {
  control::DecisionStore store(workspace.database());
  const base::DecisionId decision(id);
  SLUICE_ASSIGN_OR_RETURN(const auto stored, store.find(decision));
  SLUICE_ASSIGN_OR_RETURN(const auto outcomes, store.outcomes(decision));
  fmt::print("{}\n", json ? control::explain_json(stored, outcomes).dump(2)
                          : control::explain_text(stored, outcomes));
  return 0;
}

/// Collects a run, its stages and their decisions.
Result<nlohmann::ordered_json> describe_run(metastore::Database& database, const std::string& id) {
  SLUICE_ASSIGN_OR_RETURN(
      auto run,
      database.prepare("SELECT table_name, kind, state, reason, tactic, error, rows, refused, "
                       "bytes, wall_us, cpu_us, started_at, snapshot_id FROM runs "
                       "WHERE id = ?"));
  SLUICE_RETURN_IF_ERROR(run.bind(1, id).step());
  nlohmann::ordered_json document = {{"run", id},
                                     {"table", run.get_text(0)},
                                     {"kind", run.get_text(1)},
                                     {"state", run.get_text(2)},
                                     {"reason", run.get_text(3)},
                                     {"tactic", run.get_text(4)},
                                     {"error", run.get_text(5)},
                                     {"rows", run.get_int(6)},
                                     {"refused", run.get_int(7)},
                                     {"bytes", run.get_int(8)},
                                     {"wall_s", static_cast<double>(run.get_int(9)) / 1e6},
                                     {"cpu_s", static_cast<double>(run.get_int(10)) / 1e6},
                                     {"started_at", base::format_iso8601({run.get_int(11)})},
                                     {"snapshot_id", run.get_int(12)}};
  document["stages"] = nlohmann::ordered_json::array();
  SLUICE_ASSIGN_OR_RETURN(
      auto stages, database.prepare("SELECT stage, attempt, threads, memory_bytes, input_bytes, "
                                    "wall_us, cpu_us, memory_peak_bytes, outcome, error, decisions "
                                    "FROM traces WHERE run_id = ? ORDER BY started_at"));
  stages.bind(1, id);
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, stages.step());
    if (!row) {
      return document;
    }
    document["stages"].push_back(
        {{"stage", stages.get_text(0)},
         {"attempt", stages.get_int(1)},
         {"threads", stages.get_int(2)},
         {"memory_bytes", stages.get_int(3)},
         {"input_bytes", stages.get_int(4)},
         {"wall_s", static_cast<double>(stages.get_int(5)) / 1e6},
         {"cpu_s", static_cast<double>(stages.get_int(6)) / 1e6},
         {"memory_peak_bytes", stages.get_int(7)},
         {"outcome", stages.get_text(8)},
         {"error", stages.get_text(9)},
         {"decisions", nlohmann::json::parse(stages.get_text(10), nullptr, false)}});
  }
}

void print_run(const nlohmann::ordered_json& run) {
  fmt::print("run {} of {} ({})\n  {} because: {}\n", run["run"].get<std::string>(),
             run["table"].get<std::string>(), run["kind"].get<std::string>(),
             run["state"].get<std::string>(), run["reason"].get<std::string>());
  if (!run["error"].get<std::string>().empty()) {
    fmt::print("  error: {}\n", run["error"].get<std::string>());
  }
  fmt::print("  tactic {}, {} rows, {} refused, {}, {:.2f} s, {:.2f} CPU-s, began {}\n",
             run["tactic"].get<std::string>(), base::format_count(run["rows"].get<std::int64_t>()),
             base::format_count(run["refused"].get<std::int64_t>()),
             base::format_bytes(run["bytes"].get<std::uint64_t>()), run["wall_s"].get<double>(),
             run["cpu_s"].get<double>(), run["started_at"].get<std::string>());
  for (const auto& stage : run["stages"]) {
    fmt::print("  stage {} (attempt {}): {}, {} threads, {} granted, {} used, {} in, {:.2f} s\n",
               stage["stage"].get<std::string>(), stage["attempt"].get<int>(),
               stage["outcome"].get<std::string>(), stage["threads"].get<int>(),
               base::format_bytes(stage["memory_bytes"].get<std::uint64_t>()),
               base::format_bytes(stage["memory_peak_bytes"].get<std::uint64_t>()),
               base::format_bytes(stage["input_bytes"].get<std::uint64_t>()),
               stage["wall_s"].get<double>());
    for (const auto& decision : stage["decisions"]) {
      fmt::print("    decision {}  (sluice explain {})\n", decision.get<std::string>(),
                 decision.get<std::string>());
    }
  }
}

}  // namespace

Result<int> run_explain(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  metastore::Database& database = workspace->database();
  SLUICE_ASSIGN_OR_RETURN(const auto decisions,
                          matching_ids(database, "decisions", line.explained));
  SLUICE_ASSIGN_OR_RETURN(const auto runs, matching_ids(database, "runs", line.explained));
  if (decisions.size() + runs.size() > 1) {
    return base::invalid_input(
        fmt::format("'{}' begins several ids; give more of it", line.explained));
  }
  if (decisions.size() == 1) {
    return explain_decision(*workspace, decisions.front(), line.json);
  }
  if (runs.empty()) {
    return base::not_found(fmt::format(
        "no run and no decision begins with '{}'; see sluice query \"FROM sluice.runs\"",
        line.explained));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto run, describe_run(database, runs.front()));
  if (line.json) {
    fmt::print("{}\n", run.dump(2));
  } else {
    print_run(run);
  }
  return 0;
}

}  // namespace sluice::app
