#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/base/text.h"
#include "sluice/contract/draft.h"
#include "sluice/ingest/infer_request.h"
#include "sluice/project/source_choice.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::app {

namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Status;

constexpr std::int64_t kMemoryBytes = std::int64_t{1} << 30;
constexpr std::size_t kFilesNamed = 3;

/// `orders` of `/data/Orders-2024.csv.gz`'s folder or name: what a table may be called.
std::string table_name(const std::string& path) {
  std::string stem = fs::path(path).filename().string();
  stem = stem.substr(0, stem.find('.'));
  std::string name;
  for (const char c : base::lower(stem)) {
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && !name.empty());
    if (keeps) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) {
    name.pop_back();
  }
  return name.empty() ? "data" : name;
}

/// The format that was asked for, or that a file's name has an ending of.
Result<project::FileFormat> format_of(const CommandLine& line,
                                      const std::vector<ingest::FoundFile>& files) {
  using project::FileFormat;
  for (const FileFormat format :
       {FileFormat::kCsv, FileFormat::kNdjson, FileFormat::kJson, FileFormat::kParquet}) {
    const std::string_view name = project::to_text(format);
    const bool by_name =
        line.infer_format.empty() &&
        std::any_of(files.begin(), files.end(), [&](const ingest::FoundFile& file) {
          return ingest::has_ending_of(name, file.path);
        });
    if (line.infer_format == name || by_name) {
      return format;
    }
  }
  return base::invalid_input(
      fmt::format("the name of {} does not say which format it has; say it with --format csv, "
                  "ndjson, json or parquet",
                  files.front().path));
}

struct Found {
  project::Source source;
  std::vector<ingest::FoundFile> files;
};

/// Files that a path means, as a source without a project would read them.
Result<Found> find_by_path(const CommandLine& line, storage::FileIo& files) {
  Found found;
  const std::string path = fs::absolute(line.inferred).lexically_normal().string();
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    SLUICE_ASSIGN_OR_RETURN(const storage::FileStat stat, files.stat(path));
    found.files.push_back({path, stat});
  } else {
    const bool is_folder = fs::is_directory(path, error);
    if (is_folder && line.infer_format.empty()) {
      return base::invalid_input(path +
                                 " is a folder: say with --format which of its files are meant");
    }
    found.source.paths = {path};
    if (is_folder) {
      SLUICE_ASSIGN_OR_RETURN(found.source.format, format_of(line, {{path, {}}}));
    }
    SLUICE_ASSIGN_OR_RETURN(found.files,
                            ingest::find_source_files(files, found.source, "/dev/null"));
  }
  if (found.files.empty()) {
    return base::not_found("there is no file " + path);
  }
  SLUICE_ASSIGN_OR_RETURN(found.source.format, format_of(line, found.files));
  const std::string delimiter = line.delimiter == "\\t" ? "\t" : line.delimiter;
  if (delimiter.size() != 1) {
    return base::invalid_input("--delimiter takes one character, not '" + line.delimiter + "'");
  }
  found.source.csv.delimiter = delimiter[0];
  found.source.csv.header = !line.no_header;
  if (!line.nulls.empty()) {
    found.source.nulls = line.nulls;
  }
  found.source.name = table_name(path);
  return found;
}

Result<Found> find_by_source(const CommandLine& line) {
  yaml::Diagnostics wrong;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open_as_is(line.workspace, wrong));
  const auto chosen = project::choose_sources(workspace->project(), line.inferred);
  if (!chosen) {
    return wrong.empty() ? chosen.error() : wrong.to_error();
  }
  Found found{workspace->project().sources[chosen->front()], {}};
  SLUICE_ASSIGN_OR_RETURN(found.files,
                          ingest::find_source_files(workspace->files(), found.source,
                                                    workspace->target().warehouse + "/_raw"));
  if (found.files.empty()) {
    return base::not_found(fmt::format("no file lies where source {} looks ({})",
                                       found.source.table, base::join(found.source.paths, ", ")));
  }
  return found;
}

/// A name that is no file's and has nothing of a path in it is a source's.
bool names_source(const std::string& what) {
  std::error_code error;
  return !fs::exists(what, error) && what.find_first_of("/*?") == std::string::npos &&
         (what.find('.') == std::string::npos || what.starts_with("bronze."));
}

Result<job::InferResult> infer(const CommandLine& line, const Found& found,
                               storage::FileIo& files) {
  const StopSignal stop;
  worker::PoolOptions options;
  options.workers_max = 1;
  worker::Pool pool(std::move(options));
  engine_duckdb::WorkerEngine engine(pool, files);
  job::InferJob job = ingest::infer_request(found.source, found.files);
  job.rows_max = line.full ? 0 : line.infer_rows;
  job.bytes_max = line.full || line.infer_rows_given ? 0 : job::kInferBytesMax;
  job.keys = true;
  job::Request request{std::move(job), {}};
  request.limits.memory_bytes = kMemoryBytes;
  SLUICE_ASSIGN_OR_RETURN(
      job::Response response,
      engine.execute(request, [](data::Batch) { return Status(); }, stop.token()));
  auto* result = std::get_if<job::InferResult>(&response.answer);
  if (result == nullptr) {
    return base::internal_error("an inference was not answered with its result");
  }
  return std::move(*result);
}

contract::DraftInput draft_input(const Found& found, const job::InferResult& result) {
  contract::DraftInput input;
  input.table = found.source.name;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(found.files.size(), kFilesNamed); ++i) {
    names.push_back(fs::path(found.files[i].path).filename().string());
  }
  input.origin = base::join(names, ", ");
  if (found.files.size() > kFilesNamed) {
    input.origin += fmt::format(" and {} more files", found.files.size() - kFilesNamed);
  }
  input.rows = result.rows;
  input.whole = result.whole;
  input.columns = result.columns;
  input.keys = result.keys;
  return input;
}

nlohmann::ordered_json to_json(const data::ColumnProfile& column) {
  nlohmann::ordered_json json = {{"name", column.name}};
  json["type"] = column.known ? nlohmann::ordered_json(data::to_text(column.type))
                              : nlohmann::ordered_json(nullptr);
  json.update({{"values", column.values},
               {"nulls", column.nulls},
               {"distinct", column.distinct},
               {"distinct_exact", column.distinct_exact},
               {"unique", column.unique},
               {"minimum", column.minimum},
               {"maximum", column.maximum},
               {"length_min", column.length_min},
               {"length_max", column.length_max},
               {"domain", column.domain},
               {"misfits", column.misfits},
               {"note", column.note}});
  return json;
}

nlohmann::ordered_json to_json(const job::InferResult& result, const std::string& draft,
                               const std::vector<std::string>& key) {
  nlohmann::ordered_json json = {{"ok", true},
                                 {"files", result.files},
                                 {"rows", result.rows},
                                 {"damaged", result.damaged},
                                 {"whole", result.whole},
                                 {"key", key},
                                 {"unique_together", result.keys},
                                 {"problems", result.problems}};
  json["columns"] = nlohmann::ordered_json::array();
  for (const data::ColumnProfile& column : result.columns) {
    json["columns"].push_back(to_json(column));
  }
  json["contract"] = draft;
  return json;
}

Status check(const job::InferResult& result, const Found& found) {
  if (result.too_many_columns) {
    return base::invalid_input(
        fmt::format("{} has more than {} columns; a contract for so many is not drafted",
                    found.files.front().path, base::format_count(job::kInferColumnsMax)));
  }
  if (!result.columns.empty()) {
    return {};
  }
  const std::string why = result.problems.empty() ? std::string() : ": " + result.problems.front();
  return base::invalid_input(
      fmt::format("no column can be read in {}{}", found.files.front().path, why));
}

void tell(const job::InferResult& result) {
  for (const std::string& problem : result.problems) {
    fmt::print(stderr, "sluice: {}\n", problem);
  }
  if (result.damaged > 0) {
    fmt::print(stderr, "sluice: {} cannot be read and would go to quarantine\n",
               result.damaged == 1 ? "1 record" : base::format_count(result.damaged) + " records");
  }
}

}  // namespace

Result<int> run_contract_infer(const CommandLine& line) {
  const auto files = storage::make_local_file_io();
  SLUICE_ASSIGN_OR_RETURN(const Found found, names_source(line.inferred)
                                                 ? find_by_source(line)
                                                 : find_by_path(line, *files));
  SLUICE_ASSIGN_OR_RETURN(const job::InferResult result, infer(line, found, *files));
  SLUICE_RETURN_IF_ERROR(check(result, found));
  const contract::DraftInput input = draft_input(found, result);
  const std::string draft = contract::draft_contract(input);
  if (!line.draft_file.empty()) {
    const std::string path = fs::absolute(line.draft_file).lexically_normal().string();
    SLUICE_RETURN_IF_ERROR(files->write_new(path, draft));
  }
  if (line.json) {
    fmt::print("{}\n", to_json(result, draft, contract::choose_key(input))
                           .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
  }
  tell(result);
  if (line.draft_file.empty()) {
    fmt::print("{}", draft);
  } else {
    fmt::print("{}: {} columns from {}{}\n", line.draft_file, result.columns.size(),
               result.rows == 1 ? "1 record" : base::format_count(result.rows) + " records",
               result.whole ? "" : " (the files have more; --full reads them all)");
  }
  return 0;
}

}  // namespace sluice::app
