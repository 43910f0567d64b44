#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/control/cost_model.h"
#include "sluice/control/decision.h"
#include "sluice/control/stage_context.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"

namespace sluice::control {

/// The tables `decisions`, one row per decision with its validity, and `decision_outcomes`, one row
/// per decision and stage attempt.
std::span<const metastore::Migration> decision_migrations();

/// A decision as stored, with how long and how often it was valid.
struct StoredDecision {
  Decision decision;
  base::Timestamp last_used_at;
  std::int64_t uses = 1;
};

/// One attempt that ran under a decision.
struct StoredOutcome {
  std::string stage_id;
  Outcome outcome;
};

/// Decisions and their outcomes, as rows of the metastore. Borrows the database, which must outlive
/// it and carry `decision_migrations()`; belongs to the database's thread.
class DecisionStore {
 public:
  explicit DecisionStore(metastore::Database& database) : database_(database) {}

  /// Stores a decision under its id, or, when the last decision of the same lever, scope and stage
  /// has the same bucket, choice, policy and verdict, extends that one's validity to `decided_at`
  /// and counts the use. Returns the id of the row. kConflict: another decision has this id.
  base::Result<base::DecisionId> record(metastore::Transaction& transaction,
                                        const Decision& decision);
  /// The same for several, in a transaction of its own.
  base::Result<std::vector<base::DecisionId>> record(std::span<const Decision> decisions);

  /// Joins the measured outcome of one stage attempt to a decision. kNotFound without the decision,
  /// kAlreadyExists when that stage has been joined to it before.
  base::Status join_outcome(metastore::Transaction& transaction, const base::DecisionId& id,
                            std::string_view stage_id, const Outcome& outcome);
  /// The same for every decision of the stage, in a transaction of its own.
  base::Status join_outcome(std::span<const base::DecisionId> ids, std::string_view stage_id,
                            const Outcome& outcome);

  /// kNotFound when there is none, kCorrupt when the row cannot be read.
  base::Result<StoredDecision> find(const base::DecisionId& id);
  /// Newest first.
  base::Result<std::vector<StoredDecision>> list(std::size_t limit);
  /// Outcomes of one decision, oldest first.
  base::Result<std::vector<StoredOutcome>> outcomes(const base::DecisionId& id);
  /// The last kHistoryMax outcomes under any decision of a lever on a scope and stage, newest
  /// first.
  base::Result<std::vector<PastOutcome>> history(std::string_view lever, std::string_view scope,
                                                 StageKind stage);

 private:
  metastore::Database& database_;
};

}  // namespace sluice::control
