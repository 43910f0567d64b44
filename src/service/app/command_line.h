#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/app/answer_writer.h"
#include "sluice/app/workspace.h"
#include "sluice/job/infer_job.h"

namespace sluice::app {

/// What the command line asked for; each command reads its own part.
struct CommandLine {
  std::string command;
  WorkspaceOptions workspace;
  bool json = false;
  bool portable = false;  // validate

  std::string address = "127.0.0.1";  // of up
  std::uint16_t port = 8181;

  std::string init_name;

  std::vector<std::string> select;  // terms or words of an expression
  std::vector<std::string> exclude;
  bool full_refresh = false;
  std::string plan_file;
  bool yes = false;  // apply without asking

  std::string sql;
  std::string at;
  std::string format = "table";
  std::int64_t rows_max = 0;

  std::vector<std::string> files;

  std::string explained;  // id of a run or a decision

  std::string quarantine_source;  // "" every source
  std::string quarantine_rule;    // "" any
  std::string quarantine_column;  // "" any
  std::string quarantine_status;  // "" any
  std::int64_t limit = 50;        // 0: all
  bool dry_run = false;
  std::string reason;  // of a waive
  bool undo = false;

  std::string channel;  // of alerts; "" every one

  std::string file;  // of a backup
  bool rebuild = false;

  std::string reset_target;
  std::string erase_key;  // column=value
  std::string erase_column;
  std::string erase_value;
  std::vector<std::string> erase_tables;
  bool drop_tags = false;
  bool rewind = false;  // of a rollback

  std::string shell;   // of completion; also man, tables
  std::string script;  // of completion; "": names of tables are wanted

  bool deep = false;

  std::string exported;  // a table or a SELECT
  std::string to;        // a file; of a rollback a snapshot id, tag or time
  std::string compression;
  std::string delimiter = ",";
  bool overwrite = false;
  std::string mode;    // of an export into a database; "" replace
  std::string key;     // likewise: columns between commas
  std::string reader;  // of a snippet

  std::string table;  // of history, tag, rollback and contract show
  std::string tag_name;
  std::string max_age;
  bool delete_tag = false;
  bool release = false;

  std::string lineage_name;  // a table or a column; "" for everything
  bool upstream = false;
  bool downstream = false;
  int depth = 0;  // 0: all

  std::string import_dir;
  std::string import_out;

  std::string inferred;  // a path, or a source
  std::string infer_format;
  std::int64_t infer_rows = job::kInferRowsMax;
  bool infer_rows_given = false;
  bool full = false;
  bool no_header = false;
  std::vector<std::string> nulls;
  std::string draft_file;

  std::string junit;
  bool coverage = false;
};

/// Reads the command line. When there is nothing to do but to print (help, version, a wrong option)
/// it does that and `exit_code` is set.
struct ParsedCommandLine {
  CommandLine line;
  int exit_code = -1;  // -1: run the command
};
ParsedCommandLine parse_command_line(int argc, char** argv);

}  // namespace sluice::app
