#include "sluice/run/source_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sluice/ingest/raw_files.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr const char* kNode = "n0";
constexpr std::size_t kNotesPerKind = 5;
constexpr int kLandingThreadsMax = 4;
constexpr std::int64_t kLandingBytesPerThread = std::int64_t{2} << 20;  // its copy's block

/// Lists a few names and counts the rest.
void add_notes(std::vector<std::string>& notes, std::vector<std::string> lines,
               std::string_view rest) {
  const std::size_t shown = std::min(lines.size(), kNotesPerKind);
  notes.insert(notes.end(), lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown));
  if (lines.size() > shown) {
    notes.push_back(fmt::format("and {} more {}", lines.size() - shown, rest));
  }
}

}  // namespace

Stage SourceIntake::make_task(int threads, std::function<Status(std::stop_token)> work) const {
  Stage stage;
  stage.name = "land";
  stage.request.limits.threads = threads;
  stage.request.limits.memory_bytes = threads * kLandingBytesPerThread;
  stage.task = std::move(work);
  return stage;
}

base::Status SourceIntake::open_journal() {
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName table, lake::parse_table_name(source_.table));
  journal_ =
      std::make_unique<lake::LandingJournal>(context_.files, context_.catalog.metadata_path(table));
  return journal_->catch_up(context_.database, source_.table);
}

Result<Stage> SourceIntake::begin(const metastore::Lease& lease) {
  SLUICE_RETURN_IF_ERROR(open_journal());
  landing_ = std::make_unique<ingest::FileLanding>(
      context_.files, context_.database, context_.clock,
      ingest::RawZone{context_.catalog.warehouse() + "/_raw", kNode, lease.epoch}, source_);
  landing_->keep_journal(*journal_);
  if (context_.plan != nullptr) {
    std::set<std::string> names;
    for (const plan::PlannedFile& file : context_.plan->find(source_.table)->files) {
      names.insert(file.name);
    }
    landing_->take_only(std::move(names));
  }
  return make_task(1, [this](const std::stop_token&) { return landing_->find(); });
}

Result<std::optional<Stage>> SourceIntake::after_task() {
  if (std::exchange(taking_, false)) {
    SLUICE_RETURN_IF_ERROR(landing_->record());
  }
  if (context_.stop.stop_requested()) {
    return base::cancelled("stopped while landing files");
  }
  SLUICE_ASSIGN_OR_RETURN(const bool more, landing_->choose());
  if (!more) {
    tell();
    return std::optional<Stage>();
  }
  taking_ = true;
  const int threads = std::min(context_.threads, kLandingThreadsMax);
  return std::optional<Stage>(make_task(threads, [this, threads](std::stop_token stop) {
    return landing_->take(threads, std::move(stop));
  }));
}

void SourceIntake::tell() {
  const ingest::LandingReport& report = landing_->report();
  if (source_.spares_files && !report.landed.empty()) {
    summary_.notes.push_back("raw: move copies here: the files stay where they were dropped for " +
                             context_.lender->name);
  }
  std::vector<std::string> skipped;
  for (const lake::SkippedFile& file : report.skipped) {
    skipped.push_back(file.first_seq == 0
                          ? fmt::format("{} is empty", file.original_name)
                          : fmt::format("{} has the content of file {}, which is already in",
                                        file.original_name, file.first_seq));
  }
  add_notes(summary_.notes, std::move(skipped), "files were skipped");
  std::vector<std::string> pending;
  for (const ingest::LeftFile& file : report.pending) {
    pending.push_back(fmt::format("{}: {}", file.name, file.reason));
  }
  add_notes(summary_.notes, std::move(pending), "files are not ready yet");
  for (const ingest::LeftFile& file : report.unreadable) {
    summary_.problems.push_back(fmt::format("{} was left where it is: {}", file.name, file.reason));
  }
  for (const ingest::LeftFile& file : report.not_removed) {
    summary_.problems.push_back(
        fmt::format("{} was landed but could not be taken away: {}", file.name, file.reason));
  }
}

Result<std::vector<lake::LandedFile>> SourceIntake::pending() {
  SLUICE_ASSIGN_OR_RETURN(auto files, lake::list_pending(context_.database, source_.table));
  std::vector<lake::LandedFile> sound;
  for (lake::LandedFile& file : files) {
    const auto problem =
        ingest::is_referenced(file)
            ? ingest::raw_problem(context_.files, file, ingest::RawCheck::kPresence)
            : std::nullopt;
    if (!problem) {
      sound.push_back(std::move(file));
      continue;
    }
    lake::LandedFile refused = file;
    refused.state = lake::LandedState::kRefused;
    refused.reason = *problem;
    const lake::JournalLine line{std::move(refused), std::nullopt};
    SLUICE_RETURN_IF_ERROR(journal_->append({&line, 1}));
    SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(context_.database));
    SLUICE_RETURN_IF_ERROR(lake::mark_refused(transaction, source_.table, file.seq, *problem));
    SLUICE_RETURN_IF_ERROR(transaction.commit());
    summary_.problems.push_back(*problem + "; it is not read under this number");
  }
  return sound;
}

}  // namespace sluice::run
