#pragma once

#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/job/scan_input.h"
#include "sluice/lake/catalog.h"
#include "sluice/run/table_query.h"
#include "sluice/sql/frontend.h"

namespace sluice::run {

/// What a query reads: files of tables at their snapshots, and rows of `sluice.*`.
struct QueryInputs {
  std::vector<job::ScanInput> scans;
  std::vector<job::MemoryInput> memory;
  std::string snapshots;  // a line for each table of scans: its name, a space, its snapshot
};

/// Finds the tables that a query names, each at its current snapshot or as of `query.at`, and
/// narrows its hold to them. Errors as
/// answer_query() has them.
base::Result<QueryInputs> query_inputs(const TableQuery& query, lake::Catalog& catalog,
                                       sql::Frontend& frontend);

}  // namespace sluice::run
