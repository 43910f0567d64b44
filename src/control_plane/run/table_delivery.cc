#include "sluice/run/table_delivery.h"

#include <utility>

#include "sluice/base/digest.h"
#include "sluice/run/query_inputs.h"

namespace sluice::run {

base::Result<job::DeliverResult> deliver_rows(const TableDelivery& wanted, lake::Catalog& catalog,
                                              sql::Frontend& frontend, engine::Engine& engine,
                                              std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(QueryInputs inputs, query_inputs(wanted.query, catalog, frontend));
  if (wanted.mode == job::DeliverMode::kAppend && !inputs.memory.empty()) {
    return base::invalid_input(
        "rows of sluice.* have no snapshot by which to tell that they were appended before: use "
        "--mode replace or upsert");
  }
  job::DeliverJob job;
  job.inputs = std::move(inputs.scans);
  job.memory = std::move(inputs.memory);
  job.sql = wanted.query.sql;
  job.connection = wanted.connection;
  job.secrets = wanted.secrets;
  job.table = wanted.table;
  job.mode = wanted.mode;
  job.key = wanted.key;
  job.content = base::sha256_hex(inputs.snapshots + "\n" + wanted.query.sql);
  job.snapshots = inputs.snapshots;
  job.dry_run = wanted.dry_run;
  job::Request request;
  request.limits = wanted.query.limits;
  request.job = std::move(job);
  SLUICE_ASSIGN_OR_RETURN(const auto response, engine.execute(request, {}, std::move(stop)));
  const auto* delivered = std::get_if<job::DeliverResult>(&response.answer);
  if (delivered == nullptr) {
    return base::internal_error("a delivery was answered with something else");
  }
  return *delivered;
}

}  // namespace sluice::run
