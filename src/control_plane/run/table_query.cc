#include "sluice/run/table_query.h"

#include <utility>

#include "sluice/run/query_inputs.h"

namespace sluice::run {

base::Result<job::QueryResult> answer_query(const TableQuery& query, lake::Catalog& catalog,
                                            sql::Frontend& frontend, engine::Engine& engine,
                                            const engine::BatchSink& sink, std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(QueryInputs inputs, query_inputs(query, catalog, frontend));
  job::Request request;
  request.limits = query.limits;
  job::QueryJob job;
  job.sql = query.sql;
  job.rows_max = query.rows_max;
  job.inputs = std::move(inputs.scans);
  job.memory = std::move(inputs.memory);
  request.job = std::move(job);
  SLUICE_ASSIGN_OR_RETURN(const job::Response response,
                          engine.execute(request, sink, std::move(stop)));
  if (const auto* result = std::get_if<job::QueryResult>(&response.answer)) {
    return *result;
  }
  return base::internal_error("a query was not answered with rows");
}

}  // namespace sluice::run
