#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/scan.h"

namespace sluice::run {

// The states of a record in a quarantine table, as its column `status` has them.
inline constexpr std::string_view kOpen = "open";
inline constexpr std::string_view kReplayed = "replayed";
inline constexpr std::string_view kWaived = "waived";

/// Which records of a quarantine table are meant. Empty texts mean any.
struct QuarantineFilter {
  std::string status;
  std::string rule;
  std::string column;
};

/// SQL over the columns of a quarantine table, each behind `alias` (empty for none).
std::string to_condition(const QuarantineFilter& filter, std::string_view alias);

/// Where the records are that a filter means.
struct QuarantineSurvey {
  std::vector<lake::DataFile> files;             // of the quarantine table, those that hold any
  std::map<std::int64_t, std::int64_t> records;  // by landing sequence number

  std::int64_t total() const;
};

/// Looks in a table's current snapshot, without files that cannot hold a row for which all
/// predicates are true, for the rows that meet `condition`; `file_column` has the landing sequence
/// number. A table that does not exist has none.
base::Result<QuarantineSurvey> survey_rows(lake::Catalog& catalog, engine::Engine& engine,
                                           const std::string& table, const std::string& condition,
                                           const std::string& file_column,
                                           const std::vector<lake::Predicate>& predicates,
                                           const job::Limits& limits, std::stop_token stop);

/// Looks for records in the table's current snapshot; a table that does not exist has none.
base::Result<QuarantineSurvey> survey_quarantine(lake::Catalog& catalog, engine::Engine& engine,
                                                 const std::string& table,
                                                 const QuarantineFilter& filter,
                                                 const job::Limits& limits, std::stop_token stop);

}  // namespace sluice::run
