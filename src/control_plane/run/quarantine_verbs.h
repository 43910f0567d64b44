#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/job/decode_job.h"
#include "sluice/job/limits.h"
#include "sluice/run/invocation.h"
#include "sluice/run/quarantine_records.h"

namespace sluice::run {

/// What a verb on quarantined records is asked to do, by whom.
struct QuarantineRequest {
  std::string source;  // "" every source
  std::string rule;    // "" any
  std::string column;  // "" any
  std::string by;
  std::string note;     // of a waive: why
  job::Limits limits;   // of looking for the records
  std::string scratch;  // absolute folder for what a preview stages; removed at the end
};

/// Tries open records again and publishes those that are good now; one run for each source. The
/// caller holds the project's lock. kNotFound: there is no such source.
base::Result<InvocationReport> replay_quarantine(const RunParts& parts,
                                                 const InvocationOptions& options,
                                                 const QuarantineRequest& request,
                                                 const RunListener& listener, std::stop_token stop);

/// Marks open records as waived, or with `undo` waived ones as open.
base::Result<InvocationReport> waive_quarantine(const RunParts& parts,
                                                const InvocationOptions& options,
                                                const QuarantineRequest& request, bool undo,
                                                const RunListener& listener, std::stop_token stop);

/// What a replay would do to one source.
struct ReplayPreview {
  std::string source;
  std::int64_t open = 0;
  std::int64_t would_pass = 0;
  std::int64_t would_stay = 0;
  std::vector<job::RefusedCount> refused_by;
  std::vector<std::string> problems;
};

/// Tries open records again and publishes nothing. Needs no lock.
base::Result<std::vector<ReplayPreview>> preview_replay(
    const project::Project& project, const project::Analysis& analysis, lake::Catalog& catalog,
    engine::Engine& engine, const QuarantineRequest& request, std::stop_token stop);

}  // namespace sluice::run
