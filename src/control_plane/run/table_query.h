#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/query_job.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/holds.h"
#include "sluice/sql/frontend.h"

namespace sluice::run {

struct TableQuery {
  std::string sql;
  std::optional<std::string> at;  // a snapshot id (for a query over one table) or a time
  std::int64_t rows_max = 0;      // 0: all
  job::Limits limits;
  lake::SnapshotHold* hold = nullptr;       // told what is read; outlives the query
  lake::SnapshotHold* lent_hold = nullptr;  // the same for what is borrowed
};

/// Answers a query over the tables of the project and `sluice.*`, each at its current snapshot or
/// as of `at`; writes nothing but what it holds. kNotFound, with the nearest name, for an unknown
/// table; kInvalidInput for wrong SQL or an `at` that fits no snapshot.
base::Result<job::QueryResult> answer_query(const TableQuery& query, lake::Catalog& catalog,
                                            sql::Frontend& frontend, engine::Engine& engine,
                                            const engine::BatchSink& sink, std::stop_token stop);

}  // namespace sluice::run
