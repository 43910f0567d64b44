#include "sluice/duck_jobs/footers.h"

#include <utility>

#include "sluice/duck_jobs/session.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;

Result<std::int64_t> read_rows(Session& session, const std::string& path) {
  const duck::Parameter parameters[] = {path};
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult rows,
      session.query("SELECT num_rows::BIGINT FROM parquet_file_metadata(?)", parameters));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, rows.next_batch());
  if (!batch || batch->rows() != 1) {
    return base::corrupt(path + " has no footer");
  }
  return std::get<std::int64_t>(batch->columns[0].values[0]);
}

}  // namespace

Result<job::FooterResult> run_footers(const job::FooterJob& job, const job::Limits& limits,
                                      std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(const auto session,
                          Session::open(limits, {job.paths, {}}, std::move(stop)));
  job::FooterResult result;
  for (const std::string& path : job.paths) {
    const auto rows = read_rows(*session, path);
    job::Footer& footer = result.footers.emplace_back();
    if (rows) {
      footer.rows = *rows;
      continue;
    }
    if (session->stopped()) {
      return session->explain(base::cancelled("stopped"));
    }
    footer.error = rows.error().message;
  }
  return result;
}

}  // namespace sluice::duck_jobs
