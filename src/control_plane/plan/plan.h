#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/control/decision.h"
#include "sluice/plan/freshness.h"
#include "sluice/project/settings.h"

namespace sluice::plan {

/// A predicted amount with the interval that holds it in most past runs.
struct Range {
  double predicted = 0;
  double low = 0;
  double high = 0;

  Range& operator+=(const Range& other);
};
Range scaled(const Range& range, double factor);
Range to_range(const control::CostEstimate& estimate);

/// A file that a source has not committed yet, as it was when the plan was made. One that landed
/// already has no time.
struct PlannedFile {
  std::string name;
  std::int64_t bytes = 0;
  std::int64_t modified_us = 0;

  friend bool operator==(const PlannedFile&, const PlannedFile&) = default;
  friend auto operator<=>(const PlannedFile&, const PlannedFile&) = default;
};

/// What becomes of a column: `added`, `dropped`, or `int -> long`. `breaks` says that a reader who
/// counts on it may fail.
struct ColumnChange {
  std::string column;
  std::string change;
  bool breaks = false;

  friend bool operator==(const ColumnChange&, const ColumnChange&) = default;
};

/// One table's run: why, how, over what, and what it will cost. Rows that are not known are -1.
struct PlannedRun {
  std::string table;
  std::string kind;  // source | model
  std::string reason;
  std::string tactic;         // append | full
  std::string tactic_reason;  // why it, and none that reads less
  std::vector<PlannedFile> files;
  std::int64_t rows_in = -1;
  std::int64_t bytes_in = 0;
  std::int64_t rows_out = -1;
  std::int64_t bytes_out = 0;
  Range cpu_s;
  Range wall_s;
  Range money;
  std::string basis;                     // of the prediction
  std::optional<std::int64_t> snapshot;  // of the table when planned
  InputSnapshots inputs;                 // of what it reads, when planned
  std::vector<std::string> downstream;   // tables that read it
  std::vector<ColumnChange> columns;
};

/// An object of the project that differs from the one last applied.
struct ObjectChange {
  std::string kind;
  std::string name;
  std::string change;  // new | changed | removed
};

/// What an apply will do, and the versions that it was planned for. `objects` are the digests of
/// what the runs follow, by `kind name`.
struct Plan {
  std::string project;
  std::string target;
  std::string select;
  std::string exclude;
  std::map<std::string, std::string> variables;
  bool full_refresh = false;
  std::string program_version;
  base::Timestamp made_at;
  project::Prices prices;
  std::vector<ObjectChange> changes;
  std::vector<PlannedRun> runs;        // in topological order
  std::int64_t fresh = 0;              // selected tables with nothing to do
  std::vector<std::string> affected;   // tables outside the plan that will be stale after it
  std::vector<std::string> not_ready;  // files that still change, and why they are not planned
  std::map<std::string, std::string> objects;
  Range cpu_s;
  Range wall_s;
  Range money;
  double storage_month = 0;  // of the bytes written, in the currency of the prices

  const PlannedRun* find(std::string_view table) const;
};

/// Writes a plan as the JSON document that `--out` keeps and `--json` prints; and reads it again:
/// kInvalidInput for what is no plan, kUnsupported for one of another version of the format.
std::string to_json(const Plan& plan);
base::Result<Plan> parse_plan(std::string_view text);

/// Says what moved since a plan was made, one line each; `now` is the same plan made again. Empty:
/// the plan may be applied as it is.
std::vector<std::string> moved(const Plan& planned, const Plan& now);

}  // namespace sluice::plan
