#include "sluice/ingest/source_files.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::ingest {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
    {"csv", ".csv"},      {"csv", ".tsv"},   {"ndjson", ".ndjson"},
    {"ndjson", ".jsonl"}, {"json", ".json"}, {"parquet", ".parquet"}};
constexpr std::string_view kPackedEndings[] = {"", ".gz", ".gzip", ".zst", ".zstd"};

/// Returns the folder above the first part of a glob that has a wildcard.
std::string fixed_folder(const std::string& glob) {
  const std::size_t wildcard = glob.find_first_of("*?");
  return storage::parent_of(std::string_view(glob).substr(0, wildcard));
}

bool is_hidden(std::string_view name) { return name.find("/.") != std::string_view::npos; }

/// Lists a folder; one that is not there is empty.
Result<std::vector<storage::ListedFile>> list(storage::FileIo& files, const std::string& folder,
                                              bool recursive) {
  auto listed = files.list(folder, recursive);
  if (!listed && listed.error().kind == ErrorKind::kNotFound) {
    return std::vector<storage::ListedFile>();
  }
  return listed;
}

Status add_folder(storage::FileIo& files, const std::string& folder, std::string_view format,
                  std::vector<FoundFile>& found) {
  SLUICE_ASSIGN_OR_RETURN(auto listed, list(files, folder, true));
  for (storage::ListedFile& file : listed) {
    if (!file.stat.is_dir && has_ending_of(format, file.path) &&
        !is_hidden(std::string_view(file.path).substr(folder.size()))) {
      found.push_back({std::move(file.path), file.stat});
    }
  }
  return {};
}

Status add_glob(storage::FileIo& files, const std::string& glob, std::vector<FoundFile>& found) {
  const std::string folder = fixed_folder(glob);
  const bool recursive = glob.find('/', folder.size() + 1) != std::string::npos ||
                         glob.find("**") != std::string::npos;
  SLUICE_ASSIGN_OR_RETURN(auto listed, list(files, folder, recursive));
  for (storage::ListedFile& file : listed) {
    if (!file.stat.is_dir && base::glob_matches(glob, file.path)) {
      found.push_back({std::move(file.path), file.stat});
    }
  }
  return {};
}

}  // namespace

bool has_ending_of(std::string_view format, std::string_view name) {
  const std::string lowered = base::lower(name);
  for (const auto& [known, ending] : kEndings) {
    for (const std::string_view packed : kPackedEndings) {
      if (known == format && lowered.ends_with(std::string(ending) + std::string(packed))) {
        return true;
      }
    }
  }
  return false;
}

Result<std::vector<FoundFile>> find_source_files(storage::FileIo& files,
                                                 const project::Source& source,
                                                 const std::string& raw_root) {
  std::vector<FoundFile> found;
  for (const std::string& path : source.paths) {
    const bool is_glob = path.find_first_of("*?") != std::string::npos;
    const auto stat = is_glob ? Result<storage::FileStat>(storage::FileStat{}) : files.stat(path);
    const bool is_folder = !is_glob && stat && stat->is_dir;
    const Status added = is_folder ? add_folder(files, path, project::to_text(source.format), found)
                                   : add_glob(files, path, found);
    if (!added) {
      return added.error().in(source.table);
    }
  }
  std::erase_if(found,
                [&](const FoundFile& file) { return file.path.starts_with(raw_root + "/"); });
  std::sort(found.begin(), found.end(), [](const FoundFile& a, const FoundFile& b) {
    return std::tie(a.stat.modified_us, a.path) < std::tie(b.stat.modified_us, b.path);
  });
  // Two paths may mean one file; it then stands twice side by side.
  found.erase(std::unique(found.begin(), found.end(),
                          [](const FoundFile& a, const FoundFile& b) { return a.path == b.path; }),
              found.end());
  return found;
}

}  // namespace sluice::ingest
