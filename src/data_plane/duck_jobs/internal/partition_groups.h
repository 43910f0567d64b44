#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/stage_job.h"

namespace sluice::duck_jobs {

/// Name of the helper column that rows are grouped into files by.
inline constexpr const char* kGroupColumn = "_sluice_partition";

/// Partitions that one write may have: each is a file and is held in memory until the end.
inline constexpr std::size_t kPartitionsMax = 100'000;

/// Gives each partition of a write a number, so that values never become names of folders, and a
/// further number each time that a partition has got rows for another file. One pass; it holds the
/// distinct values and nothing else.
class PartitionGroups {
 public:
  using Values = std::vector<std::optional<std::string>>;

  /// Registers the function behind expression() in the session, where it stays.
  static base::Result<PartitionGroups> open(Session& session, const job::OutputTable& table);

  /// SQL over the output's columns that yields a row's group. kInvalidInput while it runs: more
  /// than kPartitionsMax partitions.
  const std::string& expression() const { return expression_; }

  /// The group's partition values as DuckDB prints them, binary ones as hex. `group` must be one
  /// that the expression yielded.
  base::Result<Values> values(std::int64_t group) const;

 private:
  class Numbers;

  std::string expression_;
  std::shared_ptr<Numbers> numbers_;  // also owned by the registered function
};

}  // namespace sluice::duck_jobs
