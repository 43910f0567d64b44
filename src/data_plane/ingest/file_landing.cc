#include "sluice/ingest/file_landing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/text.h"

namespace sluice::ingest {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

/// Returns the folder above the first part of a glob that has a wildcard.
std::string fixed_folder(const std::string& glob) {
  const std::size_t wildcard = glob.find_first_of("*?");
  return storage::parent_of(std::string_view(glob).substr(0, wildcard));
}

std::string extension_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t dot = name.find('.', slash == std::string::npos ? 0 : slash);
  return dot == std::string::npos ? "" : name.substr(dot);
}

/// A file of which one error concerns only itself; others (a full disk) end the landing.
bool concerns_one_file(ErrorKind kind) {
  return kind == ErrorKind::kNotFound || kind == ErrorKind::kUnauthorized ||
         kind == ErrorKind::kUnavailable || kind == ErrorKind::kInvalidInput;
}

}  // namespace

struct FileLanding::Candidate {
  std::string path;
  storage::FileStat stat;
};

FileLanding::FileLanding(storage::FileIo& files, metastore::Database& database,
                         const base::Clock& clock, RawZone zone)
    : files_(files), database_(database), clock_(clock), zone_(std::move(zone)) {}

Result<std::vector<FileLanding::Candidate>> FileLanding::find_candidates(
    const project::Source& source, LandingReport& report) {
  const std::string folder = fixed_folder(source.path);
  const bool recursive = source.path.find('/', folder.size() + 1) != std::string::npos ||
                         source.path.find("**") != std::string::npos;
  auto listed = files_.list(folder, recursive);
  std::vector<Candidate> candidates;
  if (!listed) {
    if (listed.error().kind == ErrorKind::kNotFound) {
      return candidates;
    }
    return listed.error().in(source.table);
  }
  const std::int64_t now_us = clock_.now().us;
  for (storage::ListedFile& file : *listed) {
    if (file.stat.is_dir || !base::glob_matches(source.path, file.path)) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(
        const bool known,
        lake::is_known(database_, source.table, file.path, file.stat.bytes, file.stat.modified_us));
    if (known) {
      continue;
    }
    // A time in the future (a clock that went back, or another machine's) says nothing about rest.
    const std::int64_t age_us = now_us - file.stat.modified_us;
    if (std::abs(age_us) < source.settle_ms * 1000) {
      report.pending.push_back({file.path, "changed just now; it is landed once it has settled"});
      continue;
    }
    candidates.push_back({std::move(file.path), file.stat});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.stat.modified_us, a.path) < std::tie(b.stat.modified_us, b.path);
  });
  return candidates;
}

Result<std::int64_t> FileLanding::next_seq(const project::Source& source) {
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
  return lake::next_seq(transaction, source.table);
}

Status FileLanding::skip(const project::Source& source, const Candidate& candidate,
                         const std::string& sha256, std::int64_t first_seq, LandingReport& report) {
  lake::SkippedFile skipped;
  skipped.source = source.table;
  skipped.original_name = candidate.path;
  skipped.sha256 = sha256;
  skipped.first_seq = first_seq;
  skipped.bytes = candidate.stat.bytes;
  skipped.modified_at_us = candidate.stat.modified_us;
  skipped.at_us = clock_.now().us;
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
  SLUICE_RETURN_IF_ERROR(lake::insert_skipped(transaction, skipped));
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  report.skipped.push_back(std::move(skipped));
  return {};
}

Status FileLanding::record(const lake::LandedFile& file) {
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
  SLUICE_RETURN_IF_ERROR(lake::insert_raw(transaction, file));
  return transaction.commit();
}

Status FileLanding::land_one(const project::Source& source, const Candidate& candidate,
                             LandingReport& report) {
  const auto content = files_.hash(candidate.path);
  if (!content && concerns_one_file(content.error().kind)) {
    report.unreadable.push_back({candidate.path, content.error().message});
    return {};
  }
  if (!content) {
    return content.error();
  }
  if (content->bytes == 0) {
    return skip(source, candidate, content->sha256, 0, report);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto twin,
                          lake::find_by_hash(database_, source.table, content->sha256));
  if (twin) {
    return skip(source, candidate, content->sha256, twin->seq, report);
  }
  lake::LandedFile file;
  file.source = source.table;
  file.sha256 = content->sha256;
  file.original_name = candidate.path;
  file.bytes = content->bytes;
  file.modified_at_us = candidate.stat.modified_us;
  file.landed_at_us = clock_.now().us;
  SLUICE_ASSIGN_OR_RETURN(file.seq, next_seq(source));
  const base::Timestamp landed_at{file.landed_at_us};
  file.raw_path = zone_.path_of(source.table, landed_at, file.seq, extension_of(candidate.path));
  SLUICE_RETURN_IF_ERROR(files_.make_dirs(zone_.dir_of(source.table, landed_at)));
  base::crash_point("ingest.land.before_copy");
  // The file could be read just now, so what fails from here on is the raw zone.
  const auto copied = files_.copy_durable(candidate.path, file.raw_path);
  if (!copied && copied.error().kind == ErrorKind::kNotFound) {
    report.pending.push_back({candidate.path, "went away while it was copied"});
    return {};
  }
  if (!copied) {
    return copied.error();
  }
  if (copied->sha256 != content->sha256 || copied->bytes != candidate.stat.bytes) {
    SLUICE_RETURN_IF_ERROR(files_.remove(file.raw_path));
    report.pending.push_back({candidate.path, "changed while it was copied"});
    return {};
  }
  base::crash_point("ingest.land.before_ledger");
  if (Status recorded = record(file); !recorded) {
    if (recorded.error().kind != ErrorKind::kCommitStateUnknown) {
      SLUICE_RETURN_IF_ERROR(files_.remove(file.raw_path));
    }
    return recorded;
  }
  base::crash_point("ingest.land.after_ledger");
  report.landed.push_back(std::move(file));
  return {};
}

Result<LandingReport> FileLanding::land(const project::Source& source, const Progress& progress,
                                        std::stop_token stop) {
  LandingReport report;
  SLUICE_ASSIGN_OR_RETURN(const auto candidates, find_candidates(source, report));
  for (std::size_t i = 0; i < candidates.size() && !stop.stop_requested(); ++i) {
    if (const Status status = land_one(source, candidates[i], report); !status) {
      return status.error().in("landing " + candidates[i].path);
    }
    if (progress) {
      progress(i + 1, candidates.size());
    }
  }
  return report;
}

}  // namespace sluice::ingest
