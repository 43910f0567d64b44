#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/user_name.h"
#include "sluice/app/version.h"
#include "sluice/base/text.h"
#include "sluice/run/erasure_verb.h"

namespace sluice::app {

namespace {

using base::Result;
using Json = nlohmann::ordered_json;

Result<run::ErasureOptions> options_of(const CommandLine& line) {
  run::ErasureOptions options;
  options.key = {line.erase_column, line.erase_value};
  if (!line.erase_key.empty()) {
    const std::size_t equals = line.erase_key.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return base::invalid_input("--key takes column=value, such as customer_id=42");
    }
    options.key = {line.erase_key.substr(0, equals), line.erase_key.substr(equals + 1)};
  }
  if (options.key.column.empty() || options.key.value.empty()) {
    return base::invalid_input(
        "whose records? name a column and its value: --key customer_id=42, or --column email "
        "--value x@y.org");
  }
  options.tables = line.erase_tables;
  options.drop_tags = line.drop_tags;
  options.by = user_name();
  return options;
}

Json to_json(const Workspace& workspace, const run::ErasurePlan& plan) {
  Json sources = Json::array();
  for (const run::SourceErasure& source : plan.sources) {
    std::int64_t records = 0;
    for (const auto& [seq, places] : source.raw) {
      records += static_cast<std::int64_t>(places.size());
    }
    sources.push_back({{"source", workspace.project().sources[source.source].table},
                       {"raw_files", source.raw.size()},
                       {"raw_records", records},
                       {"raw_files_removed", source.opaque.size()},
                       {"rows", source.bronze.total()},
                       {"data_files", source.bronze.files.size()},
                       {"quarantined", source.quarantine.total()}});
  }
  return {{"searched", plan.searched},
          {"sources", sources},
          {"models", plan.models},
          {"tags", plan.tags},
          {"remains", plan.remains}};
}

Json to_json(const run::Erasure& erasure) {
  Json document = {
      {"id", erasure.id},     {"column", erasure.column}, {"key_hash", erasure.key_hash},
      {"salt", erasure.salt}, {"tables", Json::array()},  {"raw", Json::array()}};
  for (const run::ErasedTable& table : erasure.tables) {
    document["tables"].push_back({{"table", table.table},
                                  {"rows", table.rows},
                                  {"files", table.files},
                                  {"snapshots", table.snapshots}});
  }
  for (const run::ErasedRaw& raw : erasure.raw) {
    document["raw"].push_back({{"source", raw.source},
                               {"seq", raw.seq},
                               {"file", raw.raw_path},
                               {"records", raw.records},
                               {"how", raw.replacement.empty() ? "removed" : "blanked"}});
  }
  return document;
}

void print_plan(const Workspace& workspace, const run::ErasurePlan& plan) {
  for (const run::SourceErasure& source : plan.sources) {
    std::int64_t records = 0;
    for (const auto& [seq, places] : source.raw) {
      records += static_cast<std::int64_t>(places.size());
    }
    fmt::print("{:<28} {} records in {} raw files, {} rows in {} data files, {} in quarantine\n",
               workspace.project().sources[source.source].table, base::format_count(records),
               source.raw.size(), base::format_count(source.bronze.total()),
               source.bronze.files.size(), base::format_count(source.quarantine.total()));
    if (!source.opaque.empty()) {
      fmt::print(
          "{:<28} {} raw files are packed, Parquet or in another encoding: they are removed "
          "as a whole\n",
          "", source.opaque.size());
    }
  }
  if (!plan.models.empty()) {
    fmt::print("{:<28} {}\n", "refreshed, history forgotten", base::join(plan.models, ", "));
  }
  for (const std::string& tag : plan.tags) {
    fmt::print("{:<28} {}\n", "tag in the way", tag);
  }
}

void print_remains(const std::vector<std::string>& remains) {
  fmt::print("\nnot within reach:\n");
  for (const std::string& line : remains) {
    fmt::print("  {}\n", line);
  }
}

int tell(const Workspace& workspace, const run::ErasureOutcome& outcome, bool as_json) {
  const bool ok = outcome.waiting.empty();
  if (as_json) {
    Json document = {{"ok", ok}, {"plan", to_json(workspace, outcome.plan)}};
    document["erasure"] = outcome.erasure ? to_json(*outcome.erasure) : Json();
    document["waiting"] = outcome.waiting;
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
    return ok ? 0 : 1;
  }
  if (!outcome.erasure) {
    fmt::print("nothing found in {}\n", base::join(outcome.plan.searched, ", "));
    return 0;
  }
  for (const run::ErasedTable& table : outcome.erasure->tables) {
    fmt::print("{:<28} {} rows erased, {} files rewritten, {} snapshots forgotten\n", table.table,
               base::format_count(table.rows), table.files, table.snapshots);
  }
  for (const run::ErasedRaw& raw : outcome.erasure->raw) {
    fmt::print("{:<28} {} records {}: {}\n", raw.source, raw.records,
               raw.replacement.empty() ? "removed with their raw file" : "blanked", raw.raw_path);
  }
  for (const std::string& model : outcome.waiting) {
    fmt::print(
        "{:<28} NOT DONE: it could not be refreshed; mend it, then 'sluice run "
        "--full-refresh' goes on\n",
        model);
  }
  print_remains(outcome.plan.remains);
  fmt::print("\nrecorded as {} in sluice.erasures, with a salted hash of the key\n",
             outcome.erasure->id);
  return ok ? 0 : 1;
}

int tell_dry(const Workspace& workspace, const run::ErasurePlan& plan, bool as_json) {
  if (as_json) {
    Json document = to_json(workspace, plan);
    document["dry_run"] = true;
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (plan.sources.empty()) {
    fmt::print("nothing found in {}\n", base::join(plan.searched, ", "));
  } else {
    print_plan(workspace, plan);
    print_remains(plan.remains);
  }
  return 0;
}

}  // namespace

Result<int> run_erase(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(run::ErasureOptions wanted, options_of(line));
  if (!line.yes && !line.dry_run) {
    return base::invalid_input(
        "an erasure cannot be undone: look at it with --dry-run, then say --yes");
  }
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  if (const project::Target& target = workspace->target(); !target.from.empty()) {
    return base::unsupported(fmt::format(
        "target {0} reads the tables of {1}: erase the records in {1}, and let 'sluice target "
        "reset {0}' drop what {0} has made of them",
        target.name, target.from));
  }
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  SLUICE_RETURN_IF_ERROR(line.dry_run ? workspace->open_for_reading()
                                      : workspace->open_for_writing());
  const run::ErasureScan scan{
      workspace->project(),       *analysis,
      workspace->catalog(),       workspace->engine(),
      workspace->reader_limits(), fmt::format("{}/erase-{}", workspace->state_dir(), ::getpid())};
  if (line.dry_run) {
    SLUICE_ASSIGN_OR_RETURN(const run::ErasurePlan plan,
                            run::plan_erasure(scan, wanted, stop.token()));
    SLUICE_RETURN_IF_ERROR(workspace->files().remove_all(scan.limits.spill_dir));
    return tell_dry(*workspace, plan, line.json);
  }
  run::InvocationOptions options;
  options.target = workspace->target().name;
  options.program_version = kProgramVersion;
  options.spill_dir = workspace->state_dir() + "/spill";
  const run::RunParts parts{workspace->project(), *analysis,           workspace->catalog(),
                            workspace->files(),   workspace->engine(), workspace->clock(),
                            workspace->random(),  workspace->log()};
  SLUICE_ASSIGN_OR_RETURN(const run::ErasureOutcome outcome,
                          run::erase(parts, options, scan, std::move(wanted), {}, stop.token()));
  SLUICE_RETURN_IF_ERROR(workspace->files().remove_all(scan.limits.spill_dir));
  // Queries with the key in them may have been parsed before.
  SLUICE_RETURN_IF_ERROR(
      workspace->files().remove_all((workspace->project().root / ".sluice" / "cache").string()));
  return tell(*workspace, outcome, line.json);
}

}  // namespace sluice::app
