#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/table_audit.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"

namespace sluice::run {

struct AuditOptions {
  bool deep = false;  // read every raw file again and compare row by row
  job::Limits limits;
  std::string scratch_dir;  // absolute; for what --deep stages, removed at the end
};

/// What an audit looked at, and what it found wrong.
struct AuditSummary {
  std::vector<lake::Finding> findings;
  std::vector<std::string> orphans;  // files that nothing refers to: no loss, only space
  std::int64_t tables = 0;
  std::int64_t snapshots = 0;
  std::int64_t files = 0;
  std::int64_t rows = 0;
  std::int64_t landed_files = 0;
  std::int64_t records = 0;           // of landed files that were committed
  std::int64_t records_compared = 0;  // by --deep
};

/// Proves that nothing was lost or counted twice: every table's pointer, metadata, ledger,
/// manifests and files agree; every file's own footer counts what its manifest says; every record
/// of every landed file is in its table, in quarantine or waived, by file and state; positions are
/// those of the ledger. With `deep` the raw files are decoded again, those of replayed records,
/// too, and their rows are those of the tables as multisets.
base::Result<AuditSummary> audit(const project::Project& project, const project::Analysis& analysis,
                                 lake::Catalog& catalog, engine::Engine& engine,
                                 const AuditOptions& options, std::stop_token stop);

}  // namespace sluice::run
