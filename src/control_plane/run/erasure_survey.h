#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/landed_files.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/quarantine_records.h"

namespace sluice::run {

/// Whose records are meant: a column of sources and the value that it has in them, as text.
struct ErasureKey {
  std::string column;
  std::string value;
};

/// A record's place in a raw file.
struct RawRecord {
  std::int64_t line = 0;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
};

/// Where a person's records are in what one source has.
struct SourceErasure {
  std::size_t source = 0;  // index into Project::sources
  std::vector<lake::LandedFile> landed;
  std::map<std::int64_t, std::vector<RawRecord>> raw;  // by landing number, by offset
  std::set<std::int64_t> opaque;  // of them, those whose records cannot be blanked in place
  std::string bronze_condition;   // SQL over the source's table
  std::string quarantine_condition;
  QuarantineSurvey bronze;      // files and rows of the source's table
  QuarantineSurvey quarantine;  // of its quarantine table, whatever their status
  std::map<std::string, QuarantineSurvey> by_status;  // open, replayed, waived

  bool found() const { return !raw.empty() || bronze.total() > 0 || quarantine.total() > 0; }
};

struct ErasureScan {
  const project::Project& project;
  const project::Analysis& analysis;
  lake::Catalog& catalog;
  engine::Engine& engine;
  job::Limits limits;
  std::string scratch;  // absolute; made and removed
};

/// Reads every raw file of a source, and its two tables, for the key. Records that cannot be read
/// as the contract says are meant when their text has the value as a word of its own.
base::Result<SourceErasure> survey_source(const ErasureScan& scan, std::size_t source,
                                          const ErasureKey& key, std::stop_token stop);

}  // namespace sluice::run
