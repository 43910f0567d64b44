#include "sluice/control/decision_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sluice/base/json_fields.h"
#include "sluice/control/internal/decision_json.h"

namespace sluice::control {
namespace {

using base::Result;
using base::Status;
using metastore::Database;
using metastore::Statement;
using metastore::Transaction;

constexpr std::array kMigrations = {metastore::Migration{
    "control", 1,
    "CREATE TABLE decisions ("
    "seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, lever TEXT NOT NULL, scope TEXT NOT NULL, "
    "stage TEXT NOT NULL, bucket TEXT NOT NULL, features TEXT NOT NULL, candidates TEXT NOT NULL, "
    "metric TEXT NOT NULL, chosen TEXT NOT NULL, applied TEXT NOT NULL, "
    "applied_config TEXT NOT NULL, choice TEXT NOT NULL, propensity REAL NOT NULL, "
    "policy TEXT NOT NULL, mode TEXT NOT NULL, model_version TEXT NOT NULL, seed INTEGER NOT NULL, "
    "guard TEXT NOT NULL, guard_text TEXT NOT NULL, reason TEXT NOT NULL, "
    "invocation_id TEXT NOT NULL, decided_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL, "
    "uses INTEGER NOT NULL);"
    "CREATE INDEX decisions_by_scope ON decisions (lever, scope, stage, seq);"
    "CREATE TABLE decision_outcomes ("
    "seq INTEGER PRIMARY KEY, decision_id TEXT NOT NULL REFERENCES decisions (id), "
    "stage_id TEXT NOT NULL, input_bytes INTEGER NOT NULL, wall_s REAL NOT NULL, "
    "cpu_s REAL NOT NULL, memory_peak_bytes INTEGER NOT NULL, output_bytes INTEGER NOT NULL, "
    "ok INTEGER NOT NULL, UNIQUE (decision_id, stage_id));"}};

constexpr std::string_view kInsert =
    "INSERT INTO decisions (id, lever, scope, stage, bucket, features, candidates, metric, chosen, "
    "applied, applied_config, choice, propensity, policy, mode, model_version, seed, guard, "
    "guard_text, reason, invocation_id, decided_at, last_used_at, uses) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)";

constexpr const char* kSelect =
    "SELECT id, lever, scope, stage, bucket, features, candidates, metric, chosen, applied, "
    "propensity, policy, mode, model_version, seed, guard, guard_text, reason, invocation_id, "
    "decided_at, last_used_at, uses FROM decisions";

/// What must stay the same for a decision to stay valid, beside its bucket.
std::string choice_key(const Decision& decision) {
  return fmt::format("{} ({}); {} ({}); {}; {}; {}; {}", decision.chosen_candidate().name,
                     to_text(decision.chosen_candidate().config), decision.applied_candidate().name,
                     to_text(decision.applied_candidate().config), decision.policy,
                     to_text(decision.mode), to_text(decision.guard.verdict),
                     decision.model_version);
}

/// Extends the last decision about the same thing when it still says the same; returns its id, or
/// an empty one when a new row is needed.
Result<base::DecisionId> extend_last(Database& database, const Decision& decision) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement last,
      database.prepare("SELECT id, bucket, choice FROM decisions "
                       "WHERE lever = ? AND scope = ? AND stage = ? ORDER BY seq DESC LIMIT 1"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, last.bind(1, std::string_view(decision.lever))
                                                .bind(2, std::string_view(decision.scope))
                                                .bind(3, std::string_view(decision.stage))
                                                .step());
  if (!found || last.get_text(1) != decision.context.bucket ||
      last.get_text(2) != choice_key(decision)) {
    return base::DecisionId();
  }
  base::DecisionId id(last.get_text(0));
  SLUICE_ASSIGN_OR_RETURN(
      Statement extend,
      database.prepare("UPDATE decisions SET last_used_at = max(last_used_at, ?), uses = uses + 1 "
                       "WHERE id = ?"));
  SLUICE_RETURN_IF_ERROR(
      extend.bind(1, decision.decided_at.us).bind(2, std::string_view(id.text)).run());
  return id;
}

Status insert(Database& database, const Decision& decision) {
  SLUICE_ASSIGN_OR_RETURN(Statement statement, database.prepare(kInsert));
  int parameter = 0;
  const auto text = [&](std::string_view value) { statement.bind(++parameter, value); };
  text(decision.id.text);
  text(decision.lever);
  text(decision.scope);
  text(decision.stage);
  text(decision.context.bucket);
  text(to_json(decision.context).dump());
  text(to_json(decision.candidates).dump());
  text(to_text(decision.metric));
  text(decision.chosen_candidate().name);
  text(decision.applied_candidate().name);
  text(to_json(decision.applied_candidate().config).dump());
  text(choice_key(decision));
  statement.bind(++parameter, decision.propensity);
  text(decision.policy);
  text(to_text(decision.mode));
  text(decision.model_version);
  statement.bind(++parameter, static_cast<std::int64_t>(decision.seed));
  text(to_text(decision.guard.verdict));
  text(decision.guard.text);
  text(decision.reason);
  text(decision.invocation.text);
  statement.bind(++parameter, decision.decided_at.us);
  statement.bind(++parameter, decision.decided_at.us);
  return statement.run();
}

Result<std::size_t> candidate_named(const Decision& decision, std::string_view name) {
  for (std::size_t i = 0; i < decision.candidates.size(); ++i) {
    if (decision.candidates[i].name == name) {
      return i;
    }
  }
  return base::corrupt(fmt::format("candidate '{}' is not among its candidates", name));
}

/// Reads the current row of a kSelect statement.
Result<StoredDecision> read_row(const Statement& row) {
  StoredDecision stored;
  Decision& decision = stored.decision;
  int column = -1;
  decision.id = base::DecisionId(row.get_text(++column));
  decision.lever = row.get_text(++column);
  decision.scope = row.get_text(++column);
  decision.stage = row.get_text(++column);
  decision.context.bucket = row.get_text(++column);
  SLUICE_ASSIGN_OR_RETURN(decision.context.features, features_from_json(row.get_text(++column)));
  SLUICE_ASSIGN_OR_RETURN(decision.candidates, candidates_from_json(row.get_text(++column)));
  SLUICE_ASSIGN_OR_RETURN(decision.metric, parse_outcome_metric(row.get_text(++column)));
  SLUICE_ASSIGN_OR_RETURN(decision.chosen, candidate_named(decision, row.get_text(++column)));
  SLUICE_ASSIGN_OR_RETURN(decision.applied, candidate_named(decision, row.get_text(++column)));
  decision.propensity = row.get_double(++column);
  decision.policy = row.get_text(++column);
  SLUICE_ASSIGN_OR_RETURN(decision.mode, parse_lever_mode(row.get_text(++column)));
  decision.model_version = row.get_text(++column);
  decision.seed = static_cast<std::uint64_t>(row.get_int(++column));
  SLUICE_ASSIGN_OR_RETURN(decision.guard.verdict, parse_guard_verdict(row.get_text(++column)));
  decision.guard.text = row.get_text(++column);
  decision.reason = row.get_text(++column);
  decision.invocation = base::InvocationId(row.get_text(++column));
  decision.decided_at = {row.get_int(++column)};
  stored.last_used_at = {row.get_int(++column)};
  stored.uses = row.get_int(++column);
  return stored;
}

Result<StoredDecision> read_decision(const Statement& row) {
  auto stored = read_row(row);
  if (!stored) {
    return base::corrupt(stored.error().message).in("decision " + row.get_text(0));
  }
  return stored;
}

Outcome read_outcome(const Statement& row, int first) {
  Outcome outcome;
  outcome.input_bytes = row.get_int(first);
  outcome.wall_s = row.get_double(first + 1);
  outcome.cpu_s = row.get_double(first + 2);
  outcome.memory_peak_bytes = row.get_int(first + 3);
  outcome.output_bytes = row.get_int(first + 4);
  outcome.ok = row.get_int(first + 5) != 0;
  return outcome;
}

}  // namespace

std::span<const metastore::Migration> decision_migrations() { return kMigrations; }

Result<base::DecisionId> DecisionStore::record(Transaction& transaction, const Decision& decision) {
  SLUICE_ASSIGN_OR_RETURN(base::DecisionId id, extend_last(transaction.database(), decision));
  if (!id.empty()) {
    return id;
  }
  SLUICE_RETURN_IF_ERROR(insert(transaction.database(), decision));
  return decision.id;
}

Result<std::vector<base::DecisionId>> DecisionStore::record(std::span<const Decision> decisions) {
  SLUICE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database_));
  std::vector<base::DecisionId> ids;
  for (const Decision& decision : decisions) {
    SLUICE_ASSIGN_OR_RETURN(base::DecisionId id, record(transaction, decision));
    ids.push_back(std::move(id));
  }
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  return ids;
}

Status DecisionStore::join_outcome(Transaction& transaction, const base::DecisionId& id,
                                   std::string_view stage_id, const Outcome& outcome) {
  Database& database = transaction.database();
  SLUICE_ASSIGN_OR_RETURN(Statement decision,
                          database.prepare("SELECT 1 FROM decisions WHERE id = ?"));
  SLUICE_ASSIGN_OR_RETURN(const bool known, decision.bind(1, std::string_view(id.text)).step());
  if (!known) {
    return base::not_found(fmt::format("there is no decision '{}'", id.text));
  }
  SLUICE_ASSIGN_OR_RETURN(
      Statement joined,
      database.prepare("SELECT 1 FROM decision_outcomes WHERE decision_id = ? AND stage_id = ?"));
  SLUICE_ASSIGN_OR_RETURN(const bool joined_before,
                          joined.bind(1, std::string_view(id.text)).bind(2, stage_id).step());
  if (joined_before) {
    return base::already_exists(
        fmt::format("decision '{}' has the outcome of stage '{}' already", id.text, stage_id));
  }
  SLUICE_ASSIGN_OR_RETURN(
      Statement statement,
      database.prepare("INSERT INTO decision_outcomes (decision_id, stage_id, input_bytes, wall_s, "
                       "cpu_s, memory_peak_bytes, output_bytes, ok) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  return statement.bind(1, std::string_view(id.text))
      .bind(2, stage_id)
      .bind(3, outcome.input_bytes)
      .bind(4, outcome.wall_s)
      .bind(5, outcome.cpu_s)
      .bind(6, outcome.memory_peak_bytes)
      .bind(7, outcome.output_bytes)
      .bind(8, std::int64_t{outcome.ok})
      .run();
}

Status DecisionStore::join_outcome(std::span<const base::DecisionId> ids, std::string_view stage_id,
                                   const Outcome& outcome) {
  SLUICE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database_));
  for (const base::DecisionId& id : ids) {
    SLUICE_RETURN_IF_ERROR(join_outcome(transaction, id, stage_id, outcome));
  }
  return transaction.commit();
}

Result<StoredDecision> DecisionStore::find(const base::DecisionId& id) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          database_.prepare(fmt::format("{} WHERE id = ?", kSelect)));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, std::string_view(id.text)).step());
  if (!found) {
    return base::not_found(fmt::format("there is no decision '{}'", id.text));
  }
  return read_decision(query);
}

Result<std::vector<StoredDecision>> DecisionStore::list(std::size_t limit) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          database_.prepare(fmt::format("{} ORDER BY seq DESC LIMIT ?", kSelect)));
  query.bind(1, static_cast<std::int64_t>(limit));
  std::vector<StoredDecision> decisions;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return decisions;
    }
    SLUICE_ASSIGN_OR_RETURN(StoredDecision stored, read_decision(query));
    decisions.push_back(std::move(stored));
  }
}

Result<std::vector<StoredOutcome>> DecisionStore::outcomes(const base::DecisionId& id) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare("SELECT stage_id, input_bytes, wall_s, cpu_s, memory_peak_bytes, "
                        "output_bytes, ok FROM decision_outcomes WHERE decision_id = ? "
                        "ORDER BY seq"));
  query.bind(1, std::string_view(id.text));
  std::vector<StoredOutcome> outcomes;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return outcomes;
    }
    outcomes.push_back({query.get_text(0), read_outcome(query, 1)});
  }
}

Result<std::vector<PastOutcome>> DecisionStore::history(std::string_view lever,
                                                        std::string_view scope, StageKind stage) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database_.prepare("SELECT d.applied_config, o.input_bytes, o.wall_s, o.cpu_s, "
                        "o.memory_peak_bytes, o.output_bytes, o.ok FROM decisions d "
                        "JOIN decision_outcomes o ON o.decision_id = d.id "
                        "WHERE d.lever = ? AND d.scope = ? AND d.stage = ? "
                        "ORDER BY o.seq DESC LIMIT ?"));
  query.bind(1, lever).bind(2, scope).bind(3, to_text(stage));
  query.bind(4, static_cast<std::int64_t>(kHistoryMax));
  std::vector<PastOutcome> history;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return history;
    }
    SLUICE_ASSIGN_OR_RETURN(const nlohmann::json json,
                            base::parse_json(query.get_text(0), "a decision's applied config"));
    SLUICE_ASSIGN_OR_RETURN(Config applied, config_from_json(json));
    history.push_back({std::move(applied), read_outcome(query, 1)});
  }
}

}  // namespace sluice::control
