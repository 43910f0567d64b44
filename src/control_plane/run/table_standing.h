#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/lender.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

/// Whether a table has what it should have.
enum class Standing {
  kFresh,
  kStale,     // something that it follows has changed
  kLate,      // and that longer ago than its objective allows
  kHeld,      // by a rollback, whatever changes
  kNotBuilt,  // there is no table yet
  kUnknown,   // nothing in the project makes it, or the project is wrong
};

std::string_view to_text(Standing standing);

/// The last run of a table that had something to do.
struct LastRun {
  std::string state;
  std::string error;
  std::int64_t started_us = 0;
  std::optional<std::int64_t> wall_us;  // as for the counts: nothing while it goes on
  std::optional<std::int64_t> rows;
  std::optional<std::int64_t> refused;
};

/// How one table of a target stands.
struct TableStanding {
  std::string table;
  std::string kind;                       // source | model | quarantine | other
  std::optional<lake::TableEntry> entry;  // nothing: kNotBuilt
  std::int64_t snapshots = 0;
  std::int64_t rows = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t updated_ms = 0;
  std::optional<LastRun> last_run;

  Standing standing = Standing::kUnknown;
  std::string reason;                    // why it is not fresh
  std::optional<std::int64_t> since_us;  // of the oldest change that it has not taken in
  std::optional<std::int64_t> limit_us;  // its objective: target_lag, or how often it is published
  std::string limit;                     // the objective, for people

  /// Where this target has its own table, the one that it would borrow otherwise.
  std::optional<lake::TableEntry> lent;
  bool lent_is_newer = false;
};

/// What standings are told from; all outlive the call. Without an analysis (the project is wrong)
/// only what the tables say of themselves is known.
struct StandingParts {
  const project::Project& project;
  const project::Analysis* analysis = nullptr;
  lake::Catalog& catalog;
  storage::FileIo& files;
  const base::Clock& clock;
  const Lender* lender = nullptr;
};

/// Says how every table stands: those that there are and those that the project makes, by name. How
/// stale a table is counts from the oldest change that it has not taken in, also one that waits
/// further upstream. Changes nothing.
base::Result<std::vector<TableStanding>> table_standings(const StandingParts& parts);

}  // namespace sluice::run
