#include "sluice/run/table_export.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "sluice/run/query_inputs.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

/// The name under which the file grows, beside its place so that the last step is a rename.
std::string growing_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return fmt::format("{}.{}.{}.tmp", path.substr(0, slash + 1), path.substr(slash + 1), ::getpid());
}

Status check_place(const TableExport& wanted, storage::FileIo& files) {
  SLUICE_ASSIGN_OR_RETURN(const bool folder, files.exists(storage::parent_of(wanted.path)));
  if (!folder) {
    return base::not_found(
        fmt::format("there is no folder {}; make it first", storage::parent_of(wanted.path)));
  }
  SLUICE_ASSIGN_OR_RETURN(const bool taken, files.exists(wanted.path));
  if (taken && !wanted.overwrite) {
    return base::already_exists(
        fmt::format("{} exists; give --overwrite to replace it", wanted.path));
  }
  return {};
}

}  // namespace

Result<ExportedFile> export_rows(const TableExport& wanted, lake::Catalog& catalog,
                                 sql::Frontend& frontend, engine::Engine& engine,
                                 storage::FileIo& files, std::stop_token stop) {
  SLUICE_RETURN_IF_ERROR(check_place(wanted, files));
  SLUICE_ASSIGN_OR_RETURN(QueryInputs inputs, query_inputs(wanted.query, catalog, frontend));
  job::ExportJob job;
  job.inputs = std::move(inputs.scans);
  job.memory = std::move(inputs.memory);
  job.sql = wanted.query.sql;
  job.format = wanted.format;
  job.compression = wanted.compression;
  job.delimiter = wanted.delimiter;
  job.path = growing_path(wanted.path);
  job::Request request;
  request.limits = wanted.query.limits;
  const std::string growing = job.path;
  request.job = std::move(job);
  const auto response = engine.execute(request, {}, std::move(stop));
  if (!response) {
    (void)files.remove(growing);  // of a worker that died; the error is what matters
    return response.error();
  }
  const auto* exported = std::get_if<job::ExportResult>(&response->answer);
  if (exported == nullptr) {
    return base::internal_error("an export was answered with something else");
  }
  SLUICE_ASSIGN_OR_RETURN(const storage::FileStat stat, files.stat(growing));
  SLUICE_RETURN_IF_ERROR(files.rename_durable(growing, wanted.path));
  return ExportedFile{exported->rows, stat.bytes};
}

}  // namespace sluice::run
