#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/control/stage_context.h"
#include "sluice/job/limits.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"
#include "sluice/plan/freshness.h"
#include "sluice/plan/objects.h"
#include "sluice/run/alert_book.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// The metastore's tables of this module: invocations, runs, stages, traces, published models.
std::span<const metastore::Migration> run_migrations();

/// One `sluice run`: one reference time, many runs.
struct InvocationRow {
  base::InvocationId id;
  std::string target;
  std::string program_version;
  std::int64_t pid = 0;
  base::Timestamp started_at;
};

/// A run as it begins. `commit` is the id under which it will publish, `file_prefix` begins the
/// names of the files it stages, `dirs` are the absolute folders they lie in: so a later process
/// can find out what became of it.
struct RunRow {
  base::RunId id;
  base::InvocationId invocation;
  std::string table;
  std::string kind;  // source | model
  std::string reason;
  std::string tactic;
  base::CommitId commit;
  std::string file_prefix;
  std::vector<std::string> dirs;
  base::Timestamp started_at;
};

/// One attempt of one stage of a run: what was known before, and what it turned out to cost. Of
/// `context` only pre-run features are kept.
struct TraceRow {
  base::StageId stage;
  base::RunId run;
  std::string table;
  std::string name;  // decode, refresh, check
  int attempt = 1;
  std::string template_id;  // fingerprint of what ran
  control::StageContext context;
  std::vector<base::DecisionId> decisions;
  job::Limits limits;
  base::Timestamp started_at;
  base::Timestamp ended_at;
  std::string outcome;  // ok, or the error's kind
  std::string error;
  job::Usage usage;
  std::int64_t rows_out = 0;
  std::int64_t bytes_out = 0;
  std::int64_t files_out = 0;
};

/// What a stage that succeeded took in and cost.
struct PastStage {
  std::string template_id;
  std::int64_t input_bytes = 0;
  std::int64_t cpu_us = 0;
  std::int64_t wall_us = 0;
  std::int64_t rows_out = 0;
  std::int64_t bytes_out = 0;
};

/// A run that a process left behind.
struct OpenRun {
  base::RunId id;
  std::string table;
  base::CommitId commit;
  std::string file_prefix;
  std::vector<std::string> dirs;
};

/// Writes and reads what happened. Borrows the database.
class Records {
 public:
  explicit Records(metastore::Database& database) : database_(database) {}

  /// Has every end of a run noted in `alerts`, in its transaction.
  void tell(AlertBook& alerts) { alerts_ = &alerts; }

  base::Status begin_invocation(const InvocationRow& row);
  base::Status end_invocation(const base::InvocationId& id, std::string_view state,
                              std::span<const RunSummary> runs, base::Timestamp at);

  /// When the first of the invocations began whose process died and which nobody has closed yet.
  base::Result<std::optional<base::Timestamp>> first_interrupted();
  base::Status close_interrupted_invocations(base::Timestamp at);

  base::Status begin_run(const RunRow& row);
  /// Ends a run in the caller's transaction: that of its commit when it published.
  base::Status end_run(metastore::Transaction& transaction, const RunSummary& summary,
                       base::Timestamp at);
  base::Status add_trace(metastore::Transaction& transaction, const TraceRow& row);

  base::Result<std::vector<OpenRun>> open_runs();
  /// Bytes of a table's last published run; nothing before the first.
  base::Result<std::optional<std::int64_t>> bytes_last_published(std::string_view table);

  /// The newest attempts of a stage that succeeded, of one table or, with "", of any.
  base::Result<std::vector<PastStage>> past_stages(std::string_view table, std::string_view stage,
                                                   std::int64_t limit);

  base::Result<std::map<std::string, plan::PublishedState>> published_states();
  base::Status save_published(metastore::Transaction& transaction, std::string_view table,
                              const plan::PublishedState& state, const base::RunId& run);

  /// Forgets how a table that is dropped was made; its runs stay on record.
  base::Status forget_table(metastore::Transaction& transaction, std::string_view table);

  /// The project's objects as runs last followed them.
  base::Result<plan::ProjectObjects> applied_objects();
  base::Status save_applied(const plan::ProjectObjects& objects,
                            const base::InvocationId& invocation, base::Timestamp at);

 private:
  metastore::Database& database_;
  AlertBook* alerts_ = nullptr;
};

}  // namespace sluice::run
