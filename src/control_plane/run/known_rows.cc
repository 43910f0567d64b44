#include "sluice/run/known_rows.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "sluice/data/provenance.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/scan.h"
#include "sluice/run/contract_checks.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

namespace {

using base::Status;

/// Lists landed files that arrived less than `window_us` from one of the job's. Of the job's own
/// files the table has rows only when they are replayed.
base::Result<std::vector<job::FileArrival>> near_files(metastore::Database& database,
                                                       const project::Source& source,
                                                       std::int64_t window_us,
                                                       const job::DecodeJob& job) {
  std::int64_t first_us = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_us = std::numeric_limits<std::int64_t>::min();
  std::set<std::int64_t> own;
  for (const job::DecodeFile& file : job.files) {
    first_us = std::min(first_us, file.arrived_at_us);
    last_us = std::max(last_us, file.arrived_at_us);
    own.insert(file.seq);
  }
  std::vector<job::FileArrival> near;
  SLUICE_ASSIGN_OR_RETURN(const auto arrivals,
                          lake::list_arrivals(database, source.table, first_us - window_us));
  for (const lake::Arrival& arrival : arrivals) {
    if ((job.replay || !own.contains(arrival.seq)) && arrival.landed_at_us < last_us + window_us) {
      near.push_back({arrival.seq, arrival.landed_at_us});
    }
  }
  return near;
}

}  // namespace

Status add_known_rows(lake::Catalog& catalog, const project::Source& source,
                      const data::Schema& declared, std::optional<std::int64_t> snapshot_id,
                      job::DecodeJob& job) {
  std::int64_t window_us = 0;
  for (const job::KeyRule& rule : job.keys) {
    window_us = std::max(window_us, rule.window_us.value_or(0));
  }
  if (needs_existing(job) && !job.existing) {
    SLUICE_ASSIGN_OR_RETURN(job.existing, scan_input(catalog, source.table, declared, snapshot_id));
  }
  if (window_us == 0 || job.files.empty()) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(job.recent_files, near_files(catalog.database(), source, window_us, job));
  if (job.recent_files.empty()) {
    return {};
  }
  const auto [first, last] = std::minmax_element(
      job.recent_files.begin(), job.recent_files.end(),
      [](const job::FileArrival& a, const job::FileArrival& b) { return a.seq < b.seq; });
  SLUICE_ASSIGN_OR_RETURN(
      job.recent, scan_input(catalog, source.table, declared, snapshot_id,
                             {{data::kFileColumn, lake::CompareOp::kGreaterOrEqual, {first->seq}},
                              {data::kFileColumn, lake::CompareOp::kLessOrEqual, {last->seq}}}));
  return {};
}

}  // namespace sluice::run
