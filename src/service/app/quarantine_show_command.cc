#include <fmt/format.h>

#include <cstdio>
#include <functional>

#include "sluice/app/answer_writer.h"
#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/text_table.h"
#include "sluice/base/text.h"
#include "sluice/project/source_choice.h"
#include "sluice/run/quarantine_records.h"
#include "sluice/run/table_query.h"
#include "sluice/sql/quote.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kMinuteBytes = 16;  // 2024-03-01T10:00

/// A source whose quarantine table exists.
struct Held {
  std::string source;
  std::string table;
  data::Schema schema;
};

Result<std::vector<Held>> held_sources(Workspace& workspace, const std::string& wanted) {
  std::vector<Held> held;
  SLUICE_ASSIGN_OR_RETURN(const auto chosen, project::choose_sources(workspace.project(), wanted));
  for (const std::size_t index : chosen) {
    const project::Source& source = workspace.project().sources[index];
    const std::string table = project::quarantine_table(source);
    SLUICE_ASSIGN_OR_RETURN(const auto name, lake::parse_table_name(table));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, workspace.catalog().find(name));
    if (entry) {
      SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                              workspace.catalog().load_location(entry->metadata_location));
      held.push_back({source.table, table, metadata->current_schema()});
    }
  }
  return held;
}

Result<job::QueryResult> ask(Workspace& workspace, const std::string& sql, std::int64_t rows_max,
                             const std::function<Status(data::Batch)>& sink) {
  const StopSignal stop;
  run::TableQuery query;
  query.sql = sql;
  query.rows_max = rows_max;
  query.limits = workspace.reader_limits();
  SLUICE_ASSIGN_OR_RETURN(auto hold, workspace.hold("quarantine"));
  query.hold = hold ? &*hold : nullptr;
  query.lent_hold = workspace.loan_hold();
  auto answer = run::answer_query(query, workspace.catalog(), workspace.frontend(),
                                  workspace.engine(), sink, stop.token());
  SLUICE_RETURN_IF_ERROR(workspace.files().remove_all(query.limits.spill_dir));
  return answer;
}

/// Prints the answer as JSON.
Result<int> print_json(Workspace& workspace, const std::string& sql, std::int64_t rows_max) {
  const auto writer = make_answer_writer(AnswerFormat::kJson, stdout);
  SLUICE_ASSIGN_OR_RETURN(const job::QueryResult answer,
                          ask(workspace, sql, rows_max,
                              [&](data::Batch batch) { return writer->add(std::move(batch)); }));
  SLUICE_RETURN_IF_ERROR(writer->finish(answer.columns, answer.cut));
  return 0;
}

std::string text_of(const data::Column& column, std::size_t row) {
  const data::Value& value = column.values[row];
  return data::is_null(value) ? "" : data::to_text(value, column.type);
}

Result<int> print_nothing(const CommandLine& line) {
  fmt::print("{}\n", line.json ? "[]" : "no record is in quarantine");
  return 0;
}

/// SQL for a column of a table that may have been made before there was such a column.
std::string column_or_null(const data::Schema& schema, const std::string& name) {
  return schema.find(name) != nullptr ? name : "NULL AS " + name;
}

}  // namespace

Result<int> run_quarantine_list(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(const auto held, held_sources(*workspace, line.quarantine_source));
  std::vector<std::string> parts;
  for (const Held& source : held) {
    parts.push_back(fmt::format(
        "SELECT {} AS source, rule, \"column\", count(*) AS records, count(*) FILTER (status = "
        "'open') AS open, count(*) FILTER (status = 'replayed') AS replayed, count(*) FILTER "
        "(status = 'waived') AS waived, min(arrived_at) AS first_at, max(arrived_at) AS last_at, "
        "min(reason) AS for_example FROM {} WHERE {} GROUP BY rule, \"column\"",
        sql::quote_literal(source.source), sql::quote_table(source.table),
        run::to_condition({"", line.quarantine_rule, line.quarantine_column}, "")));
  }
  if (parts.empty()) {
    return print_nothing(line);
  }
  const std::string sql =
      base::join(parts, " UNION ALL ") + " ORDER BY source, open DESC, records DESC, rule, 3";
  if (line.json) {
    return print_json(*workspace, sql, 0);
  }
  TextTable table({"source", "rule", "column", "open", "replayed", "waived", "first arrived",
                   "last arrived", "for example"},
                  {false, false, false, true, true, true});
  std::size_t rows = 0;
  SLUICE_RETURN_IF_ERROR(ask(*workspace, sql, 0, [&](data::Batch batch) -> Status {
    for (std::size_t row = 0; row < batch.rows(); ++row, ++rows) {
      std::vector<std::string> cells;
      for (const data::Column& column : batch.columns) {
        if (column.name == "records") {
          continue;
        }
        const bool is_time = column.name.ends_with("_at");
        std::string cell = text_of(column, row);
        if (is_time && cell.size() > kMinuteBytes) {
          cell.resize(kMinuteBytes);
          cell[kMinuteBytes - 6] = ' ';
        }
        cells.push_back(std::move(cell));
      }
      table.add(std::move(cells));
    }
    return {};
  }));
  if (rows == 0) {
    return print_nothing(line);
  }
  table.print(stdout, line_width(stdout));
  return 0;
}

Result<int> run_quarantine_show(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(const auto held, held_sources(*workspace, line.quarantine_source));
  std::vector<std::string> parts;
  for (const Held& source : held) {
    std::string settled;
    for (const char* column : {"settled_at", "settled_by", "settled_run_id", "note"}) {
      settled += ", " + column_or_null(source.schema, column);
    }
    parts.push_back(fmt::format(
        "SELECT {} AS source, file_id, file_name, line, byte_offset, rule, \"column\", reason, "
        "payload, payload_bytes, contract_version, arrived_at, run_id, status{} FROM {} WHERE {}",
        sql::quote_literal(source.source), settled, sql::quote_table(source.table),
        run::to_condition({line.quarantine_status, line.quarantine_rule, line.quarantine_column},
                          "")));
  }
  if (parts.empty()) {
    return print_nothing(line);
  }
  const std::string sql = base::join(parts, " UNION ALL ") + " ORDER BY source, file_id, line";
  if (line.json) {
    return print_json(*workspace, sql, line.limit);
  }
  const std::size_t width = line_width(stdout);
  std::int64_t rows = 0;
  const auto print = [&](data::Batch batch) -> Status {
    const auto cell = [&](std::string_view name, std::size_t row) {
      for (const data::Column& column : batch.columns) {
        if (column.name == name) {
          return text_of(column, row);
        }
      }
      return std::string();
    };
    for (std::size_t row = 0; row < batch.rows(); ++row, ++rows) {
      const std::string column = cell("column", row);
      std::string head = fmt::format("{}:{}  {}{}  {}", cell("file_name", row), cell("line", row),
                                     cell("rule", row), column.empty() ? "" : "(" + column + ")",
                                     cell("reason", row));
      if (const std::string status = cell("status", row); status != run::kOpen) {
        head = fmt::format("[{}] {}", status, head);
      }
      fmt::print("{}\n    {}\n", fit_text(std::move(head), width),
                 fit_text(cell("payload", row), width - 4));
      if (const std::string note = cell("note", row); !note.empty()) {
        fmt::print(
            "    {}\n",
            fit_text(fmt::format("waived by {}: {}", cell("settled_by", row), note), width - 4));
      }
    }
    return {};
  };
  SLUICE_ASSIGN_OR_RETURN(const job::QueryResult answer, ask(*workspace, sql, line.limit, print));
  if (rows == 0) {
    return print_nothing(line);
  }
  if (answer.cut) {
    fmt::print("there are more than these {}; --limit 0 shows all\n", rows);
  }
  return 0;
}

}  // namespace sluice::app
