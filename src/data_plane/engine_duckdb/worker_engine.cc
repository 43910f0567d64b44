#include "sluice/engine_duckdb/worker_engine.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::engine_duckdb {
namespace {

std::vector<const job::OutputTable*> outputs_of(const job::Job& job) {
  if (const auto* stage = std::get_if<job::StageJob>(&job)) {
    return {&stage->output};
  }
  if (const auto* decode = std::get_if<job::DecodeJob>(&job)) {
    return {&decode->bronze, &decode->quarantine};
  }
  return {};
}

// The prefix is what tells an attempt's files from everybody else's.
base::Status check_prefix(const job::OutputTable& output) {
  if (output.file_prefix.empty() || output.file_prefix.find('/') != std::string::npos) {
    return base::internal_error("an output below " + output.dir +
                                " needs a file prefix of its own, not '" + output.file_prefix +
                                "'");
  }
  return {};
}

bool is_of_attempt(const std::string& path, const std::string& prefix) {
  return path.compare(path.rfind('/') + 1, prefix.size() + 1, prefix + "-") == 0;
}

// Nothing where there is no such folder.
base::Result<std::vector<storage::ListedFile>> list_if_there(storage::FileIo& files,
                                                             const std::string& dir,
                                                             bool recursive) {
  auto listed = files.list(dir, recursive);
  if (!listed && listed.error().kind == base::ErrorKind::kNotFound) {
    return std::vector<storage::ListedFile>();
  }
  return listed;
}

// A worker fills a folder of its attempt first and moves the finished files out of it.
base::Status remove_staged(storage::FileIo& files, const job::OutputTable& output) {
  std::vector<storage::ListedFile> entries;
  SLUICE_ASSIGN_OR_RETURN(entries, list_if_there(files, output.dir, false));
  for (const storage::ListedFile& entry : entries) {
    if (entry.stat.is_dir && is_of_attempt(entry.path, output.file_prefix)) {
      SLUICE_RETURN_IF_ERROR(files.remove_all(entry.path));
    }
  }
  SLUICE_ASSIGN_OR_RETURN(entries, list_if_there(files, output.dir, true));
  for (const storage::ListedFile& entry : entries) {
    if (is_of_attempt(entry.path, output.file_prefix)) {
      SLUICE_RETURN_IF_ERROR(files.remove(entry.path));
    }
  }
  return {};
}

}  // namespace

base::Result<job::Response> WorkerEngine::execute(const job::Request& request,
                                                  const engine::BatchSink& sink,
                                                  std::stop_token stop) {
  return execute_watched(request, sink, {}, std::move(stop));
}

base::Result<job::Response> WorkerEngine::execute_watched(const job::Request& request,
                                                          const engine::BatchSink& sink,
                                                          const engine::ProgressSink& progress,
                                                          std::stop_token stop) {
  const auto outputs = outputs_of(request.job);
  for (const job::OutputTable* output : outputs) {
    SLUICE_RETURN_IF_ERROR(check_prefix(*output));
  }
  auto response = pool_.run(request, sink, std::move(stop), {}, progress);
  if (response) {
    return response;
  }
  base::Error error = std::move(response).error();
  for (const job::OutputTable* output : outputs) {
    if (auto removed = remove_staged(files_, *output); !removed) {
      error.message += "; its files could not be removed: " + removed.error().message;
    }
  }
  return error;
}

}  // namespace sluice::engine_duckdb
