#include "sluice/run/records.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sluice/base/json_fields.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;
using metastore::Transaction;
using nlohmann::json;

constexpr int kTraceVersion = 1;

constexpr std::array kMigrations = {
    metastore::Migration{
        "run", 1,
        "CREATE TABLE invocations ("
        "id TEXT PRIMARY KEY, target TEXT NOT NULL, program_version TEXT NOT NULL, pid INTEGER NOT "
        "NULL,"
        "started_at INTEGER NOT NULL, ended_at INTEGER, state TEXT NOT NULL,"
        "published INTEGER, unchanged INTEGER, failed INTEGER);"
        "CREATE TABLE runs ("
        "id TEXT PRIMARY KEY, invocation_id TEXT NOT NULL, table_name TEXT NOT NULL, kind TEXT NOT "
        "NULL,"
        "state TEXT NOT NULL, reason TEXT NOT NULL, tactic TEXT NOT NULL, error TEXT NOT NULL,"
        "commit_id TEXT NOT NULL, snapshot_id INTEGER, file_prefix TEXT NOT NULL, dirs TEXT NOT "
        "NULL,"
        "rows INTEGER, refused INTEGER, bytes INTEGER, wall_us INTEGER, cpu_us INTEGER,"
        "memory_peak_bytes INTEGER, started_at INTEGER NOT NULL, ended_at INTEGER);"
        "CREATE INDEX runs_by_table ON runs (table_name, started_at);"
        "CREATE INDEX runs_open ON runs (ended_at) WHERE ended_at IS NULL;"
        "CREATE TABLE traces ("
        "stage_id TEXT PRIMARY KEY, version INTEGER NOT NULL, run_id TEXT NOT NULL,"
        "table_name TEXT NOT NULL, stage TEXT NOT NULL, attempt INTEGER NOT NULL,"
        "template TEXT NOT NULL, input_rows INTEGER NOT NULL, input_bytes INTEGER NOT NULL,"
        "input_files INTEGER NOT NULL, threads INTEGER NOT NULL, memory_bytes INTEGER NOT NULL,"
        "decisions TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,"
        "outcome TEXT NOT NULL, error TEXT NOT NULL, wall_us INTEGER NOT NULL, cpu_us INTEGER NOT "
        "NULL,"
        "memory_peak_bytes INTEGER NOT NULL, read_bytes INTEGER NOT NULL, written_bytes INTEGER "
        "NOT "
        "NULL,"
        "rows_out INTEGER NOT NULL, bytes_out INTEGER NOT NULL, files_out INTEGER NOT NULL,"
        "warm INTEGER NOT NULL);"
        "CREATE INDEX traces_by_run ON traces (run_id);"
        "CREATE VIEW stages AS SELECT stage_id AS id, run_id, table_name, stage, attempt, outcome, "
        "error,"
        " started_at, ended_at, wall_us, cpu_us, memory_peak_bytes FROM traces;"
        "CREATE TABLE published_models ("
        "table_name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, inputs TEXT NOT NULL,"
        "snapshot_id INTEGER NOT NULL, run_id TEXT NOT NULL);"},
    metastore::Migration{
        "run", 2,
        "CREATE TABLE applied_objects (kind TEXT NOT NULL, name TEXT NOT NULL,"
        "digest TEXT NOT NULL, version TEXT NOT NULL, detail TEXT NOT NULL,"
        "invocation_id TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (kind, name));"
        "CREATE INDEX traces_by_table ON traces (table_name, stage, started_at);"},
    metastore::Migration{"run", 3, kAlertTables},
    metastore::Migration{"run_contracts", 1,
                         "CREATE TABLE published_contracts (table_name TEXT PRIMARY KEY, "
                         "digest TEXT NOT NULL);"}};

template <class Id>
std::string ids_to_json(const std::vector<Id>& ids) {
  json list = json::array();
  for (const Id& id : ids) {
    list.push_back(id.text);
  }
  return list.dump();
}

Result<plan::InputSnapshots> read_inputs(const std::string& text) {
  SLUICE_ASSIGN_OR_RETURN(const json document, base::parse_json(text, "published_models.inputs"));
  plan::InputSnapshots inputs;
  for (const auto& [table, snapshot] : document.items()) {
    if (!snapshot.is_number_integer()) {
      return base::corrupt("published_models.inputs: the snapshot of '" + table +
                           "' is not an integer");
    }
    inputs[table] = snapshot.get<std::int64_t>();
  }
  return inputs;
}

}  // namespace

std::span<const metastore::Migration> run_migrations() { return kMigrations; }

Status Records::begin_invocation(const InvocationRow& row) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement insert,
      database_.prepare(
          "INSERT INTO invocations (id, target, program_version, pid, started_at, state) "
          "VALUES (?, ?, ?, ?, ?, 'running')"));
  return insert.bind(1, row.id.text)
      .bind(2, row.target)
      .bind(3, row.program_version)
      .bind(4, row.pid)
      .bind(5, row.started_at.us)
      .run();
}

Status Records::end_invocation(const base::InvocationId& id, std::string_view state,
                               std::span<const RunSummary> runs, base::Timestamp at) {
  const auto count = [&](auto wanted) {
    return static_cast<std::int64_t>(std::count_if(runs.begin(), runs.end(), wanted));
  };
  SLUICE_ASSIGN_OR_RETURN(
      Statement update,
      database_.prepare("UPDATE invocations SET ended_at = ?, state = ?, published = ?, "
                        "unchanged = ?, failed = ? WHERE id = ?"));
  return update.bind(1, at.us)
      .bind(2, state)
      .bind(3, count([](const RunSummary& run) { return run.state == RunState::kPublished; }))
      .bind(4, count([](const RunSummary& run) { return run.state == RunState::kUnchanged; }))
      .bind(5, count([](const RunSummary& run) { return !is_up_to_date(run.state); }))
      .bind(6, id.text)
      .run();
}

Result<std::optional<base::Timestamp>> Records::first_interrupted() {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare("SELECT min(started_at) FROM invocations WHERE ended_at IS NULL"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.step());
  const auto at_us = found ? query.get_int_if(0) : std::nullopt;
  return at_us ? std::optional(base::Timestamp{*at_us}) : std::nullopt;
}

Status Records::close_interrupted_invocations(base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(Statement update,
                          database_.prepare("UPDATE invocations SET ended_at = ?, "
                                            "state = 'interrupted' WHERE ended_at IS NULL"));
  return update.bind(1, at.us).run();
}

Status Records::begin_run(const RunRow& row) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement insert,
      database_.prepare(
          "INSERT INTO runs (id, invocation_id, table_name, kind, state, reason, tactic, "
          "error, commit_id, file_prefix, dirs, started_at) "
          "VALUES (?, ?, ?, ?, 'staging', ?, ?, '', ?, ?, ?, ?)"));
  return insert.bind(1, row.id.text)
      .bind(2, row.invocation.text)
      .bind(3, row.table)
      .bind(4, row.kind)
      .bind(5, row.reason)
      .bind(6, row.tactic)
      .bind(7, row.commit.text)
      .bind(8, row.file_prefix)
      .bind(9, json(row.dirs).dump())
      .bind(10, row.started_at.us)
      .run();
}

Status Records::end_run(Transaction& transaction, const RunSummary& summary, base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement update,
      transaction.database().prepare(
          "UPDATE runs SET state = ?, error = ?, snapshot_id = ?, rows = ?, refused = ?, bytes = "
          "?, "
          "wall_us = ?, cpu_us = ?, memory_peak_bytes = ?, ended_at = ?, reason = ? WHERE id = ?"));
  update.bind(1, to_text(summary.state))
      .bind(2, summary.error)
      .bind(3, summary.snapshot_id)
      .bind(4, summary.rows)
      .bind(5, summary.refused)
      .bind(6, summary.bytes)
      .bind(7, summary.wall_us)
      .bind(8, summary.cpu_us)
      .bind(9, summary.memory_peak_bytes)
      .bind(10, at.us)
      .bind(11, summary.reason)
      .bind(12, summary.id.text);
  SLUICE_RETURN_IF_ERROR(update.run());
  return alerts_ == nullptr ? Status() : alerts_->note_run(transaction, summary);
}

Status Records::add_trace(Transaction& transaction, const TraceRow& row) {
  SLUICE_ASSIGN_OR_RETURN(Statement insert,
                          transaction.database().prepare(
                              "INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                              "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  return insert.bind(1, row.stage.text)
      .bind(2, std::int64_t{kTraceVersion})
      .bind(3, row.run.text)
      .bind(4, row.table)
      .bind(5, row.name)
      .bind(6, std::int64_t{row.attempt})
      .bind(7, row.template_id)
      .bind(8, row.context.input_rows)
      .bind(9, row.context.input_bytes)
      .bind(10, row.context.input_files)
      .bind(11, std::int64_t{row.limits.threads})
      .bind(12, row.limits.memory_bytes)
      .bind(13, ids_to_json(row.decisions))
      .bind(14, row.started_at.us)
      .bind(15, row.ended_at.us)
      .bind(16, row.outcome)
      .bind(17, row.error)
      .bind(18, row.usage.wall_us)
      .bind(19, row.usage.cpu_us)
      .bind(20, row.usage.memory_peak_bytes)
      .bind(21, row.usage.read_bytes)
      .bind(22, row.usage.written_bytes)
      .bind(23, row.rows_out)
      .bind(24, row.bytes_out)
      .bind(25, row.files_out)
      .bind(26, std::int64_t{row.usage.warm ? 1 : 0})
      .run();
}

Result<std::vector<OpenRun>> Records::open_runs() {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query, database_.prepare("SELECT id, table_name, commit_id, file_prefix, dirs "
                                         "FROM runs WHERE ended_at IS NULL ORDER BY started_at"));
  std::vector<OpenRun> runs;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return runs;
    }
    OpenRun run;
    run.id = base::RunId(query.get_text(0));
    run.table = query.get_text(1);
    run.commit = base::CommitId(query.get_text(2));
    run.file_prefix = query.get_text(3);
    SLUICE_ASSIGN_OR_RETURN(const json dirs, base::parse_json(query.get_text(4), "runs.dirs"));
    for (const json& dir : dirs) {
      run.dirs.push_back(dir.get<std::string>());
    }
    runs.push_back(std::move(run));
  }
}

Result<std::optional<std::int64_t>> Records::bytes_last_published(std::string_view table) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare("SELECT bytes FROM runs WHERE table_name = ? AND state = 'published' "
                        "ORDER BY started_at DESC LIMIT 1"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, table).step());
  return found ? query.get_int_if(0) : std::nullopt;
}

Result<std::vector<PastStage>> Records::past_stages(std::string_view table, std::string_view stage,
                                                    std::int64_t limit) {
  constexpr std::string_view kSelect =
      "SELECT template, input_bytes, cpu_us, wall_us, rows_out, bytes_out FROM traces ";
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare(std::string(kSelect) +
                        (table.empty() ? "WHERE stage = ?1 AND outcome = 'ok' "
                                         "ORDER BY rowid DESC LIMIT ?2"
                                       : "WHERE stage = ?1 AND outcome = 'ok' AND table_name = ?3 "
                                         "ORDER BY started_at DESC LIMIT ?2")));
  query.bind(1, stage).bind(2, limit);
  if (!table.empty()) {
    query.bind(3, table);
  }
  std::vector<PastStage> stages;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return stages;
    }
    stages.push_back({query.get_text(0), query.get_int(1), query.get_int(2), query.get_int(3),
                      query.get_int(4), query.get_int(5)});
  }
}

Result<std::map<std::string, plan::PublishedState>> Records::published_states() {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare(
          "SELECT table_name, fingerprint, inputs, snapshot_id, digest FROM published_models "
          "LEFT JOIN published_contracts USING (table_name)"));
  std::map<std::string, plan::PublishedState> states;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return states;
    }
    plan::PublishedState& state = states[query.get_text(0)];
    state.fingerprint = query.get_text(1);
    SLUICE_ASSIGN_OR_RETURN(state.inputs, read_inputs(query.get_text(2)));
    state.snapshot_id = query.get_int(3);
    if (!query.is_null(4)) {
      state.contract = query.get_text(4);
    }
  }
}

Status Records::save_published(Transaction& transaction, std::string_view table,
                               const plan::PublishedState& state, const base::RunId& run) {
  SLUICE_ASSIGN_OR_RETURN(Statement write,
                          transaction.database().prepare(
                              "INSERT OR REPLACE INTO published_models VALUES (?, ?, ?, ?, ?)"));
  SLUICE_RETURN_IF_ERROR(write.bind(1, table)
                             .bind(2, state.fingerprint)
                             .bind(3, json(state.inputs).dump())
                             .bind(4, state.snapshot_id)
                             .bind(5, run.text)
                             .run());
  SLUICE_ASSIGN_OR_RETURN(
      Statement judged,
      transaction.database().prepare("INSERT OR REPLACE INTO published_contracts VALUES (?, ?)"));
  return judged.bind(1, table).bind(2, state.contract.value_or("")).run();
}

Status Records::forget_table(Transaction& transaction, std::string_view table) {
  for (const char* sql : {"DELETE FROM published_models WHERE table_name = ?",
                          "DELETE FROM applied_objects WHERE name = ?"}) {
    SLUICE_ASSIGN_OR_RETURN(Statement remove, transaction.database().prepare(sql));
    SLUICE_RETURN_IF_ERROR(remove.bind(1, table).run());
  }
  return {};
}

Result<plan::ProjectObjects> Records::applied_objects() {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare("SELECT kind, name, digest, version, detail FROM applied_objects"));
  plan::ProjectObjects objects;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return objects;
    }
    objects[{query.get_text(0), query.get_text(1)}] = {query.get_text(2), query.get_text(3),
                                                       query.get_text(4)};
  }
}

Status Records::save_applied(const plan::ProjectObjects& objects,
                             const base::InvocationId& invocation, base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(const plan::ProjectObjects applied, applied_objects());
  SLUICE_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(database_));
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      database_.prepare("INSERT OR REPLACE INTO applied_objects VALUES (?, ?, ?, ?, ?, ?, ?)"));
  for (const auto& [name, object] : objects) {
    const auto before = applied.find(name);
    if (before != applied.end() && before->second.digest == object.digest) {
      continue;
    }
    write.reset();
    SLUICE_RETURN_IF_ERROR(write.bind(1, name.first)
                               .bind(2, name.second)
                               .bind(3, object.digest)
                               .bind(4, object.version)
                               .bind(5, object.detail)
                               .bind(6, invocation.text)
                               .bind(7, at.us)
                               .run());
  }
  return transaction.commit();
}

}  // namespace sluice::run
