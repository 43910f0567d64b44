#include "sluice/ingest/file_landing.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "sluice/base/crash_point.h"

namespace sluice::ingest {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;
using project::RawMode;

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

bool is_same(const storage::FileStat& a, const storage::FileStat& b) {
  return a.bytes == b.bytes && a.modified_us == b.modified_us;
}

}  // namespace

FileLanding::FileLanding(storage::FileIo& files, metastore::Database& database,
                         const base::Clock& clock, RawZone zone, const project::Source& source)
    : files_(files), database_(database), clock_(clock), zone_(std::move(zone)), source_(source) {}

Status FileLanding::find() {
  SLUICE_ASSIGN_OR_RETURN(found_, find_source_files(files_, source_, zone_.root));
  if (only_) {
    std::erase_if(found_, [&](const FoundFile& file) { return !only_->contains(file.path); });
  }
  next_found_ = 0;
  return {};
}

Result<LandingLook> FileLanding::look() {
  SLUICE_RETURN_IF_ERROR(find());
  LandingLook look;
  for (FoundFile& file : found_) {
    std::optional<lake::LandedFile> landed;
    SLUICE_ASSIGN_OR_RETURN(const bool wanted, is_wanted(file, landed));
    if (wanted && !landed) {
      look.ready.push_back(std::move(file));
    }
  }
  look.pending = report_.pending;
  return look;
}

/// Says whether a file is to be taken. One that `raw: move` has landed, and that is still there
/// because the process died too early, is taken again to be removed.
Result<bool> FileLanding::is_wanted(const FoundFile& file,
                                    std::optional<lake::LandedFile>& landed) {
  SLUICE_ASSIGN_OR_RETURN(const bool known, lake::is_known(database_, source_.table, file.path,
                                                           file.stat.bytes, file.stat.modified_us));
  if (known && source_.raw == RawMode::kMove) {
    SLUICE_ASSIGN_OR_RETURN(landed, lake::find_by_name(database_, source_.table, file.path,
                                                       file.stat.bytes, file.stat.modified_us));
    return landed.has_value();
  }
  if (known) {
    return false;
  }
  // A time in the future (a clock that went back, or another machine's) says nothing about rest.
  const std::int64_t age_us = clock_.now().us - file.stat.modified_us;
  if (std::abs(age_us) < source_.settle_ms * 1000) {
    report_.pending.push_back({file.path, "changed just now; it is landed once it has settled"});
    return false;
  }
  return true;
}

Result<bool> FileLanding::choose() {
  arrivals_.clear();
  arrived_at_us_ = clock_.now().us;
  const base::Timestamp at{arrived_at_us_};
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t next_seq, lake::next_seq(transaction, source_.table));
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  next_name_ = std::max(next_name_, next_seq);
  for (; next_found_ < found_.size() && arrivals_.size() < kLandingFilesMax; ++next_found_) {
    Arrival arrival{found_[next_found_], {}, "", Outcome::kNotTaken, "", ""};
    SLUICE_ASSIGN_OR_RETURN(const bool wanted, is_wanted(arrival.file, arrival.landed));
    if (!wanted) {
      continue;
    }
    arrival.raw_path =
        source_.raw == RawMode::kReference
            ? arrival.file.path
            : zone_.path_of(source_.table, at, next_name_++, extension_of(arrival.file.path));
    arrivals_.push_back(std::move(arrival));
  }
  return !arrivals_.empty();
}

Status FileLanding::take(int threads, std::stop_token stop) {
  if (source_.raw != RawMode::kReference) {
    SLUICE_RETURN_IF_ERROR(
        files_.make_dirs(zone_.dir_of(source_.table, base::Timestamp{arrived_at_us_})));
  }
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  Status first_failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < arrivals_.size() && !failed && !stop.stop_requested();
         i = next++) {
      if (const Status status = take_one(arrivals_[i]); !status) {
        const std::lock_guard lock(mutex);
        if (!failed.exchange(true)) {
          first_failure = status.error().in("landing " + arrivals_[i].file.path);
        }
      }
    }
  };
  {
    std::vector<std::jthread> others;
    const auto wanted = std::min(static_cast<std::size_t>(std::max(1, threads)), arrivals_.size());
    for (std::size_t t = 1; t < wanted; ++t) {
      others.emplace_back(work);
    }
    work();
  }
  if (!first_failure) {
    // The originals are where they were.
    SLUICE_RETURN_IF_ERROR(drop_copies());
  }
  return first_failure;
}

/// Makes the file's bytes durable under their name in the raw zone.
Result<storage::CopiedFile> FileLanding::bring(const Arrival& arrival) {
  const std::string& from = arrival.file.path;
  if (source_.raw == RawMode::kReference || arrival.landed) {
    return files_.hash(from);
  }
  base::crash_point("ingest.land.before_copy");
  // A file that has other names already could be changed through them.
  if (source_.raw == RawMode::kMove && arrival.file.stat.links == 1) {
    const Status linked = files_.link_durable(from, arrival.raw_path);
    if (linked) {
      return files_.hash(arrival.raw_path);
    }
    if (linked.error().kind != ErrorKind::kUnsupported) {
      return linked.error();
    }
  }
  return files_.copy_durable(from, arrival.raw_path);
}

Status FileLanding::take_one(Arrival& arrival) {
  if (arrival.file.stat.bytes == 0) {
    SLUICE_ASSIGN_OR_RETURN(const storage::CopiedFile empty, files_.hash(arrival.file.path));
    arrival.sha256 = empty.sha256;
    return leave(arrival, empty.bytes == 0 ? Outcome::kEmpty : Outcome::kChanged,
                 "changed while it was read");
  }
  if (source_.raw != RawMode::kReference && !arrival.landed) {
    SLUICE_ASSIGN_OR_RETURN(const bool taken, files_.exists(arrival.raw_path));
    if (taken) {
      return base::internal_error(arrival.raw_path + " is there already");
    }
  }
  const auto content = bring(arrival);
  if (!content && content.error().kind == ErrorKind::kNotFound) {
    return leave(arrival, Outcome::kChanged, "went away while it was read");
  }
  if (!content && concerns_one_file(content.error().kind)) {
    return leave(arrival, Outcome::kUnreadable, content.error().message);
  }
  if (!content) {
    return content.error();
  }
  const auto now = files_.stat(arrival.file.path);
  if (!now || !is_same(*now, arrival.file.stat) || content->bytes != now->bytes) {
    return leave(arrival, Outcome::kChanged, "changed while it was read");
  }
  arrival.sha256 = content->sha256;
  if (arrival.landed) {
    arrival.outcome =
        arrival.landed->sha256 == content->sha256 ? Outcome::kAlreadyLanded : Outcome::kChanged;
    arrival.reason = "has other content than the file of this name, size and time that was landed";
    return {};
  }
  arrival.outcome = Outcome::kTaken;
  return {};
}

/// Ends an arrival that is not landed; nothing of it stays in the raw zone.
Status FileLanding::leave(Arrival& arrival, Outcome outcome, std::string reason) {
  arrival.outcome = outcome;
  arrival.reason = std::move(reason);
  if (source_.raw == RawMode::kReference || arrival.landed) {
    return {};
  }
  return files_.remove(arrival.raw_path);
}

Status FileLanding::drop_copies() {
  for (const Arrival& arrival : arrivals_) {
    if (arrival.outcome == Outcome::kTaken && source_.raw != RawMode::kReference) {
      SLUICE_RETURN_IF_ERROR(files_.remove(arrival.raw_path));
    }
  }
  return {};
}

Status FileLanding::skip(metastore::Transaction& transaction, const Arrival& arrival,
                         std::int64_t first_seq) {
  lake::SkippedFile skipped;
  skipped.source = source_.table;
  skipped.original_name = arrival.file.path;
  skipped.sha256 = arrival.sha256;
  skipped.first_seq = first_seq;
  skipped.bytes = arrival.file.stat.bytes;
  skipped.modified_at_us = arrival.file.stat.modified_us;
  skipped.at_us = arrived_at_us_;
  SLUICE_RETURN_IF_ERROR(lake::insert_skipped(transaction, skipped));
  report_.skipped.push_back(std::move(skipped));
  return {};
}

/// Enters one arrival. `unneeded` gets the copy of a file whose content is in the ledger already.
Status FileLanding::enter(metastore::Transaction& transaction, Arrival& arrival, std::int64_t& seq,
                          std::vector<std::string>& unneeded) {
  switch (arrival.outcome) {
    case Outcome::kNotTaken:  // stopped before it
    case Outcome::kAlreadyLanded:
      return {};
    case Outcome::kChanged:
      report_.pending.push_back({arrival.file.path, arrival.reason});
      return {};
    case Outcome::kUnreadable:
      report_.unreadable.push_back({arrival.file.path, arrival.reason});
      return {};
    case Outcome::kEmpty:
      return skip(transaction, arrival, 0);
    case Outcome::kTaken:
      break;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto twin,
                          lake::find_by_hash(database_, source_.table, arrival.sha256));
  if (twin) {
    if (source_.raw != RawMode::kReference) {
      unneeded.push_back(arrival.raw_path);
    }
    arrival.outcome = Outcome::kNotTaken;
    return skip(transaction, arrival, twin->seq);
  }
  lake::LandedFile file;
  file.source = source_.table;
  file.seq = seq++;
  file.sha256 = arrival.sha256;
  file.original_name = arrival.file.path;
  file.raw_path = arrival.raw_path;
  file.bytes = arrival.file.stat.bytes;
  file.modified_at_us = arrival.file.stat.modified_us;
  file.landed_at_us = arrived_at_us_;
  SLUICE_RETURN_IF_ERROR(lake::insert_raw(transaction, file));
  report_.landed.push_back(std::move(file));
  return {};
}

Status FileLanding::record() {
  base::crash_point("ingest.land.before_ledger");
  std::vector<std::string> unneeded;
  const std::size_t landed_before = report_.landed.size();
  Status recorded = [&]() -> Status {
    SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
    SLUICE_ASSIGN_OR_RETURN(std::int64_t seq, lake::next_seq(transaction, source_.table));
    for (Arrival& arrival : arrivals_) {
      SLUICE_RETURN_IF_ERROR(enter(transaction, arrival, seq, unneeded));
    }
    return transaction.commit();
  }();
  if (!recorded) {
    if (recorded.error().kind != ErrorKind::kCommitStateUnknown) {
      SLUICE_RETURN_IF_ERROR(drop_copies());
    }
    return recorded;
  }
  base::crash_point("ingest.land.after_ledger");
  if (journal_ != nullptr) {
    std::vector<lake::JournalLine> lines;
    for (std::size_t i = landed_before; i < report_.landed.size(); ++i) {
      lines.push_back({report_.landed[i], std::nullopt});
    }
    SLUICE_RETURN_IF_ERROR(journal_->append(lines));
  }
  for (const std::string& copy : unneeded) {
    SLUICE_RETURN_IF_ERROR(files_.remove(copy));
  }
  if (source_.raw == RawMode::kMove) {
    for (const Arrival& arrival : arrivals_) {
      remove_original(arrival);
    }
  }
  return {};
}

/// Only a file whose bytes are in the raw zone and in the ledger loses its old name.
void FileLanding::remove_original(const Arrival& arrival) {
  if (arrival.outcome != Outcome::kTaken && arrival.outcome != Outcome::kAlreadyLanded) {
    return;
  }
  const std::string& kept = arrival.landed ? arrival.landed->raw_path : arrival.raw_path;
  const auto raw = files_.stat(kept);
  if (!raw || raw->bytes != arrival.file.stat.bytes) {
    report_.not_removed.push_back({arrival.file.path, kept + " is not what was landed"});
    return;
  }
  if (const Status removed = files_.remove(arrival.file.path); !removed) {
    report_.not_removed.push_back({arrival.file.path, removed.error().message});
  }
}

Result<LandingReport> FileLanding::land(int threads, std::stop_token stop) {
  SLUICE_RETURN_IF_ERROR(find());
  while (!stop.stop_requested()) {
    SLUICE_ASSIGN_OR_RETURN(const bool more, choose());
    if (!more) {
      break;
    }
    SLUICE_RETURN_IF_ERROR(take(threads, stop));
    SLUICE_RETURN_IF_ERROR(record());
  }
  return report_;
}

}  // namespace sluice::ingest
