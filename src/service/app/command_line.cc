#include "sluice/app/command_line.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "sluice/app/command_shapes.h"
#include "sluice/app/version.h"
#include "sluice/base/clock.h"

namespace sluice::app {

namespace {

/// Makes a command and the options that all but `init` share.
CLI::App* add_command(CLI::App& app, CommandLine& line, const char* name, const char* help) {
  CLI::App* command = app.add_subcommand(name, help);
  command->callback([&line, name] { line.command = name; });
  command->add_option("-p,--project", line.workspace.root, "The project's folder")
      ->capture_default_str();
  command->add_option("-t,--target", line.workspace.target,
                      "Target of sluice.yaml (default: its default_target)");
  command
      ->add_option("--var", line.workspace.variables,
                   "name=value: another value for a variable of sluice.yaml")
      ->allow_extra_args(false);
  return command;
}

void add_json(CLI::App* command, CommandLine& line) {
  command->add_flag("--json", line.json, "Print JSON, for programs");
}

void add_selection(CLI::App* command, CommandLine& line) {
  command->add_option("-s,--select", line.select,
                      "Tables: names, globs, tag:, path:, source:, state:modified; +name adds what "
                      "it reads, name+ what reads it; blanks unite, commas intersect");
  command->add_option("--exclude", line.exclude, "Tables to leave out of the selection");
}

void add_run_options(CLI::App* command, CommandLine& line, std::string& wait) {
  add_selection(command, line);
  command->add_flag("--full-refresh", line.full_refresh, "Refresh models that are up to date, too");
  command->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
  add_json(command, line);
}

void add_query_options(CLI::App* command, CommandLine& line) {
  command->add_option("sql", line.sql, "One SELECT over the project's tables and sluice.*")
      ->required();
  command->add_option("--at", line.at,
                      "As of a snapshot id (one table), a branch or tag, or a time "
                      "(2013-06-30T12:00Z)");
  command->add_option("-f,--format", line.format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  command->add_option("-n,--rows", line.rows_max, "Stop after this many rows (0: all)")
      ->check(CLI::NonNegativeNumber);
  add_json(command, line);
}

void add_contract_infer(CLI::App& contract, CommandLine& line) {
  CLI::App* infer = add_command(contract, line, "infer", "Draft a contract from files");
  infer->callback([&line, infer] {
    line.command = "contract infer";
    line.infer_rows_given = infer->count("--rows") > 0;
  });
  infer->add_option("what", line.inferred, "A file, folder or glob, or a source of the project")
      ->required();
  infer
      ->add_option("--format", line.infer_format, "csv, ndjson, json or parquet (default: by name)")
      ->check(CLI::IsMember({"csv", "ndjson", "json", "parquet"}));
  CLI::Option* rows = infer
                          ->add_option("--rows", line.infer_rows,
                                       "Read so many records (default: 100000 or 64 MiB)")
                          ->check(CLI::PositiveNumber);
  infer->add_flag("--full", line.full, "Read all records")->excludes(rows);
  infer->add_option("--delimiter", line.delimiter, "Of CSV")->capture_default_str();
  infer->add_flag("--no-header", line.no_header, "Of CSV: the first line is a record");
  infer->add_option("--null", line.nulls, "Of CSV: how null is spelled (default: nothing)");
  infer->add_option("-o,--out", line.draft_file, "Write the contract to this new file");
  add_json(infer, line);
}

void add_contract_commands(CLI::App& app, CommandLine& line) {
  CLI::App* contract = app.add_subcommand("contract", "Work with contracts");
  contract->require_subcommand(1);
  CLI::App* validate =
      contract->add_subcommand("validate", "Check contract files, and say what each rule will do");
  validate->callback([&line] { line.command = "contract validate"; });
  validate->add_option("files", line.files, "Contract files (*.odcs.yaml)")->required();
  add_json(validate, line);
  CLI::App* diff = add_command(*contract, line, "diff",
                               "Say what a contract changes, and whom each change breaks");
  diff->callback([&line] { line.command = "contract diff"; });
  diff->add_option("files", line.files,
                   "The old contract and the new; one alone is compared with what its table has")
      ->required()
      ->expected(1, 2);
  add_json(diff, line);
  CLI::App* show =
      add_command(*contract, line, "show", "Show a table's contract as it is deployed");
  show->callback([&line] { line.command = "contract show"; });
  show->add_option("table", line.table, "Such as bronze.orders")->required();
  add_json(show, line);
  add_contract_infer(*contract, line);
}

void add_import_commands(CLI::App& app, CommandLine& line) {
  CLI::App* import = app.add_subcommand("import", "Make a project of another tool's");
  import->require_subcommand(1);
  CLI::App* dbt = import->add_subcommand("dbt", "Turn a dbt project into one of ours");
  dbt->callback([&line] { line.command = "import dbt"; });
  dbt->add_option("dir", line.import_dir, "The folder of dbt_project.yml")->required();
  dbt->add_option("--out", line.import_out, "The folder to make (default: the project's name)");
  add_json(dbt, line);
}

void add_export_options(CLI::App* command, CommandLine& line) {
  command->add_option("what", line.exported, "A table, or one SELECT over the project's tables")
      ->required();
  command
      ->add_option(
          "--to", line.to,
          "The file: .parquet, .csv or .ndjson, the texts also with .gz or .zst behind it; or "
          "the URL of a PostgreSQL database")
      ->required();
  command->add_option("--at", line.at, "As of a snapshot id (one table) or a time");
  command->add_option("--compression", line.compression,
                      "Of Parquet: zstd (default), snappy, gzip or uncompressed");
  command->add_option("--delimiter", line.delimiter, "Of CSV")->capture_default_str();
  command->add_flag("--overwrite", line.overwrite, "Replace a file that is there");
  command->add_option("--table", line.table,
                      "Of a database: the table to write (default: the exported table's name)");
  command->add_option("--mode", line.mode, "Of a database: replace (default), append or upsert")
      ->check(CLI::IsMember({"replace", "append", "upsert"}));
  command->add_option("--key", line.key, "Of a database: columns of the key, between commas");
  command->add_flag("--dry-run", line.dry_run,
                    "Of a database: look at both sides, count the rows and write nothing");
  add_json(command, line);
}

CLI::App* add_quarantine_command(CLI::App& quarantine, CommandLine& line, const char* name,
                                 const char* help) {
  CLI::App* command = add_command(quarantine, line, name, help);
  command->callback([&line, name] { line.command = std::string("quarantine ") + name; });
  command->add_option("--source,source", line.quarantine_source,
                      "Only this source's records, such as bronze.orders");
  command->add_option("--rule", line.quarantine_rule, "Only records that broke this rule");
  command->add_option("--column", line.quarantine_column, "Only records that broke it there");
  add_json(command, line);
  return command;
}

void add_quarantine_commands(CLI::App& app, CommandLine& line, std::string& wait) {
  CLI::App* quarantine = app.add_subcommand(
      "quarantine", "Look at refused records, try them again, or accept the loss");
  quarantine->require_subcommand(1);
  add_quarantine_command(*quarantine, line, "list", "Count refused records by source and rule");
  CLI::App* show = add_quarantine_command(
      *quarantine, line, "show", "Show refused records with file, line, reason and payload");
  show->add_option("--status", line.quarantine_status, "Only open, replayed or waived ones")
      ->check(CLI::IsMember({"open", "replayed", "waived"}));
  show->add_option("-n,--limit", line.limit, "Stop after this many records (0: all)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI::App* replay = add_quarantine_command(
      *quarantine, line, "replay",
      "Judge open records again and publish those that are good now, at most once");
  replay->add_flag("--dry-run", line.dry_run, "Only say what would pass");
  replay->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
  CLI::App* waive = add_quarantine_command(*quarantine, line, "waive",
                                           "Accept the loss of open records, with a reason");
  waive->get_option("--source")->required();
  CLI::Option* reason = waive->add_option("--reason", line.reason, "Why, for whoever asks later");
  CLI::Option* undo = waive->add_flag("--undo", line.undo, "Open waived records again");
  reason->excludes(undo);
  waive->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
}

void add_history_commands(CLI::App& app, CommandLine& line) {
  CLI::App* history = add_command(app, line, "history", "List a table's snapshots");
  history->add_option("table", line.table, "Such as gold.daily")->required();
  add_json(history, line);
  CLI::App* tag = add_command(app, line, "tag", "Name a snapshot, or list a table's tags");
  tag->add_option("table", line.table, "Such as gold.daily")->required();
  CLI::Option* name = tag->add_option("name", line.tag_name, "The tag; none lists them");
  CLI::Option* at = tag->add_option("--at", line.at, "Snapshot id, tag or time (default: now)");
  CLI::Option* age = tag->add_option("--max-age", line.max_age, "How long expiry keeps it (30d)");
  tag->add_flag("--delete", line.delete_tag, "Remove the tag; its snapshot stays")
      ->needs(name)
      ->excludes(at)
      ->excludes(age);
  at->needs(name);
  age->needs(name);
  add_json(tag, line);
  CLI::App* rollback =
      add_command(app, line, "rollback",
                  "Make an older snapshot current: a model is held there, a source forgets "
                  "files");
  rollback->add_option("table", line.table, "Such as gold.daily")->required();
  CLI::Option* to =
      rollback->add_option("--to", line.to, "Snapshot id, tag or time (default: the one before)");
  CLI::Option* release =
      rollback->add_flag("--release", line.release, "Let a held model go on")->excludes(to);
  rollback
      ->add_flag("--rewind", line.rewind,
                 "Of a source: have the files that came after read again by the next run")
      ->excludes(release);
  add_json(rollback, line);
}

void add_alert_commands(CLI::App& app, CommandLine& line, std::string& wait) {
  CLI::App* alerts = app.add_subcommand("alerts", "Look at alerts, check for them, test channels");
  alerts->require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* command = add_command(*alerts, line, name, help);
    command->callback([&line, name] { line.command = std::string("alerts ") + name; });
    add_json(command, line);
    return command;
  };
  add("list", "List what is wrong now, and messages that are not delivered yet");
  add("test", "Send a test message to every channel now")
      ->add_option("--channel", line.channel, "Only to this channel");
  add("check", "Look for models that are late, and send what is due; for a timer")
      ->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
}

void add_erase(CLI::App& app, CommandLine& line, std::string& wait) {
  CLI::App* erase = add_command(app, line, "erase",
                                "Take a person's records out of tables, quarantine and raw files");
  CLI::Option* key = erase->add_option("--key", line.erase_key, "Whose: customer_id=42");
  CLI::Option* column = erase->add_option("--column", line.erase_column, "The same in two parts");
  CLI::Option* value = erase->add_option("--value", line.erase_value, "The column's value");
  column->needs(value)->excludes(key);
  value->needs(column);
  erase->add_option("-T,--table", line.erase_tables,
                    "Only in these sources' tables, and what follows from them (default: every "
                    "source that has the column)");
  erase->add_flag("--dry-run", line.dry_run, "Only say what would be erased");
  erase->add_flag("--drop-tags", line.drop_tags,
                  "Also remove tags and branches of snapshots that may have the records");
  erase->add_flag("-y,--yes", line.yes, "Do it: nothing brings the records back");
  erase->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
  add_json(erase, line);
}

void add_installation_commands(CLI::App& app, CommandLine& line, std::string& wait) {
  CLI::App* backup =
      add_command(app, line, "backup", "Copy the metastore to a file, also while a run goes on");
  backup->add_option("file", line.file, "The file to make")->required();
  add_json(backup, line);
  CLI::App* restore = add_command(app, line, "restore", "Bring a backup of the metastore back");
  restore->add_option("file", line.file, "The backup")->required()->check(CLI::ExistingFile);
  restore->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
  add_json(restore, line);
  CLI::App* doctor =
      add_command(app, line, "doctor", "Look over the installation, and say what to do");
  CLI::Option* rebuild = doctor->add_flag(
      "--rebuild", line.rebuild, "Make a metastore that is lost or damaged again, from the tables");
  doctor->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)")
      ->needs(rebuild);
  add_json(doctor, line);
  add_erase(app, line, wait);
  CLI::App* completion = add_command(
      app, line, "completion",
      "Print a script that completes commands in a shell, the manual page, or the tables' names");
  completion->add_option("what", line.shell, "bash, zsh, fish, man or tables")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish", "man", "tables"}));
}

void add_target_commands(CLI::App& app, CommandLine& line, std::string& wait) {
  CLI::App* target =
      app.add_subcommand("target", "Look at targets, and give up a dev target's own");
  target->require_subcommand(1);
  CLI::App* list = add_command(*target, line, "list", "List the targets of sluice.yaml");
  list->callback([&line] { line.command = "target list"; });
  add_json(list, line);
  CLI::App* reset = add_command(*target, line, "reset",
                                "Drop tables that a target with `from` has built, and read those "
                                "of the other target again");
  reset->callback([&line] { line.command = "target reset"; });
  reset->add_option("name", line.reset_target, "The target, such as dev")->required();
  add_selection(reset, line);
  reset->add_flag("-y,--yes", line.yes, "Do not ask");
  reset->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
  add_json(reset, line);
}

void add_up(CLI::App& app, CommandLine& line, std::string& wait) {
  CLI::App* up =
      add_command(app, line, "up", "Serve the tables to other engines: an Iceberg REST catalog");
  up->add_option("--port", line.port, "The port (0: a free one)")->capture_default_str();
  up->add_option("--address", line.address, "127.0.0.1 or ::1; nothing beyond this machine yet")
      ->capture_default_str();
  up->add_option("--wait", wait, "Wait this long for another front to leave (60s, 5m)");
  add_json(up, line);
}

/// Only here the whole command line can be described.
void write_script(const CLI::App& app, CommandLine& line) {
  if (line.command == "completion" && line.shell != "tables") {
    line.script = line.shell == "man" ? manual_page(shapes_of(app), kProgramVersion)
                                      : completion_script(shapes_of(app), line.shell);
  }
}

void add_lineage(CLI::App& app, CommandLine& line) {
  CLI::App* lineage = add_command(app, line, "lineage", "Say what columns follow from");
  lineage->add_option("name", line.lineage_name,
                      "A table, or a column such as gold.daily.revenue (default: everything)");
  lineage->add_flag("--upstream", line.upstream, "Only what it follows from");
  lineage->add_flag("--downstream", line.downstream, "Only what follows from it");
  lineage->add_option("--depth", line.depth, "So many steps away at most (default: all)")
      ->check(CLI::PositiveNumber);
  add_json(lineage, line);
}

}  // namespace

ParsedCommandLine parse_command_line(int argc, char** argv) {
  ParsedCommandLine parsed;
  CommandLine& line = parsed.line;
  std::string wait;
  CLI::App app{"Sluice: files, streams and changes into Iceberg tables, exactly once"};
  app.set_version_flag("--version", std::string("sluice ") + kProgramVersion);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return std::string("sluice: ") + error.what() + "\nsee '" +
           (failed->get_parent() != nullptr ? "sluice " : "") + failed->get_name() + " --help'\n";
  });
  app.name("sluice");

  CLI::App* init = app.add_subcommand("init", "Make a small project that runs");
  init->callback([&line] { line.command = "init"; });
  init->add_option("name", line.init_name, "Its name, and the folder to make")->required();

  CLI::App* check = add_command(app, line, "validate", "Check every file of the project");
  check->add_flag("--portable", line.portable,
                  "Name what Spark and Flink would not understand of the models, too");
  add_json(check, line);
  CLI::App* plan = add_command(app, line, "plan", "Say what a run would do, why and at what price");
  add_selection(plan, line);
  plan->add_flag("--full-refresh", line.full_refresh, "Refresh models that are up to date, too");
  plan->add_option("-o,--out", line.plan_file, "Keep the plan in this file, for apply");
  add_json(plan, line);
  CLI::App* apply = add_command(app, line, "apply", "Do what a plan says, or plan, ask and do it");
  apply->add_option("plan", line.plan_file, "A plan that 'sluice plan --out' kept");
  add_run_options(apply, line, wait);
  apply->add_flag("-y,--yes", line.yes, "Do not ask");
  add_run_options(add_command(app, line, "run", "Bring every table up to date"), line, wait);
  add_up(app, line, wait);
  add_json(add_command(app, line, "status", "Say how every table stands"), line);
  add_query_options(add_command(app, line, "query", "Answer a query"), line);
  CLI::App* explain =
      add_command(app, line, "explain", "Say why a run or a decision went as it did");
  explain
      ->add_option("id", line.explained, "Id of a run or of a decision, or the first part of one")
      ->required();
  add_json(explain, line);
  add_export_options(
      add_command(app, line, "export", "Write a table's rows into a file or a database"), line);
  CLI::App* snippet = add_command(app, line, "snippet", "Print code that reads a table");
  snippet->add_option("table", line.exported, "A table of the project")->required();
  snippet->add_option("--for", line.reader, "duckdb, pyiceberg, pandas, polars or spark")
      ->check(CLI::IsMember({"duckdb", "pyiceberg", "pandas", "polars", "spark"}))
      ->required();
  add_quarantine_commands(app, line, wait);
  add_import_commands(app, line);
  CLI::App* test = add_command(app, line, "test", "Run the unit tests of tests/");
  test->add_option("-s,--select", line.select, "Tables whose tests are run, as in sluice run");
  test->add_flag("--coverage", line.coverage, "Say which columns and rules no test looks at");
  test->add_option("--junit", line.junit, "Write the results as JUnit XML to this file");
  add_json(test, line);
  add_contract_commands(app, line);
  add_history_commands(app, line);
  add_lineage(app, line);
  CLI::App* audit = add_command(app, line, "audit", "Prove that nothing was lost or counted twice");
  audit->add_flag("--deep", line.deep, "Read every landed file again and compare row by row");
  add_json(audit, line);
  add_alert_commands(app, line, wait);
  add_installation_commands(app, line, wait);
  add_target_commands(app, line, wait);

  try {
    app.parse(argc, argv);
    write_script(app, line);
    if (!wait.empty()) {
      const auto wait_us = base::parse_duration_us(wait);
      if (!wait_us) {
        throw CLI::ValidationError("--wait", wait_us.error().message);
      }
      line.workspace.wait_ms = *wait_us / 1000;
    }
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    parsed.exit_code = code == 0 ? 0 : 2;
  }
  return parsed;
}

}  // namespace sluice::app
