#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/deliver_job.h"
#include "sluice/lake/catalog.h"
#include "sluice/run/table_query.h"
#include "sluice/sql/frontend.h"

namespace sluice::run {

struct TableDelivery {
  TableQuery query;
  std::string connection;            // a URL of PostgreSQL
  std::vector<std::string> secrets;  // parts of it that no message may show
  std::string table;
  job::DeliverMode mode = job::DeliverMode::kReplace;
  std::vector<std::string> key;
  bool dry_run = false;
};

/// Writes the rows of a query into a table of a PostgreSQL database, all or none. What is appended
/// is known by the statement and the snapshots it reads, so kInvalidInput to append rows of
/// `sluice.*`, which have none. Other errors as run_deliver() and answer_query() have them.
base::Result<job::DeliverResult> deliver_rows(const TableDelivery& wanted, lake::Catalog& catalog,
                                              sql::Frontend& frontend, engine::Engine& engine,
                                              std::stop_token stop);

}  // namespace sluice::run
