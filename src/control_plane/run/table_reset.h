#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/table_drop.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"

namespace sluice::run {

/// A table of a target's own that is to go.
struct ResetTable {
  lake::TableName table;
  std::int64_t rows = 0;
  std::optional<lake::TableEntry> lent;  // what is read in its place
};

/// What a target that borrows tables gives up of its own.
struct Reset {
  std::vector<ResetTable> tables;
  std::vector<std::string>
      sources;  // whose landed files are forgotten, and land again if asked for
};

/// Finds all tables of the target's own, or of those that the expressions select the own ones with
/// their quarantine tables. kUnsupported for a target that borrows from none: its tables are the
/// only ones there are. `analysis` is needed for a selection only.
base::Result<Reset> find_reset(const project::Project& project, const project::Target& target,
                               const project::Analysis* analysis, lake::Catalog& catalog,
                               const std::string& select, const std::string& exclude);

/// Drops them, and what is recorded of how they were made. Their runs stay on record.
base::Status apply_reset(const Reset& reset, lake::Catalog& catalog, const base::Clock& clock);

}  // namespace sluice::run
