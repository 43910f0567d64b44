#include "sluice/run/database_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/crash_point.h"
#include "sluice/base/text.h"
#include "sluice/ingest/raw_zone.h"
#include "sluice/lake/landed_files.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr const char* kNode = "n0";
constexpr std::int64_t kExtractBytesMax = std::int64_t{512} << 20;
constexpr std::int64_t kHashBytes = std::int64_t{2} << 20;

}  // namespace

Result<Stage> DatabaseIntake::begin(const metastore::Lease& lease) {
  SLUICE_RETURN_IF_ERROR(restore_position());
  SLUICE_ASSIGN_OR_RETURN(const auto last, ingest::last_extract(context_.database, source_.table));
  SLUICE_ASSIGN_OR_RETURN(const project::Connection connection,
                          project::expand_connection(context_.project, source_));
  SLUICE_ASSIGN_OR_RETURN(job::ExtractJob job, ingest::extract_request(source_, connection, last));
  SLUICE_ASSIGN_OR_RETURN(job.lag, ingest::lag_request(context_.database, source_, key()));
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(context_.database));
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t seq, lake::next_seq(transaction, source_.table));
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  const base::Timestamp at = context_.clock.now();
  started_us_ = at.us;
  after_ = job.after;
  const ingest::RawZone zone{context_.catalog.warehouse() + "/_raw", kNode, lease.epoch};
  SLUICE_RETURN_IF_ERROR(context_.files.make_dirs(zone.dir_of(source_.table, at)));
  path_ = zone.path_of(source_.table, at, seq, ".parquet");
  job.path = path_;
  control::StageContext stage;
  stage.scope = source_.table;
  stage.kind = control::StageKind::kQuery;  // rows come from elsewhere: nothing to choose from
  stage.is_bronze = true;
  stage.jobs_waiting = context_.jobs_waiting();
  stage.threads_total = context_.threads;
  stage.memory_total_bytes = context_.memory_bytes;
  control::StageSettings settings;
  settings.memory_bytes = std::min(context_.memory_bytes, kExtractBytesMax);
  return ledger_.make_stage("extract", std::move(job), stage, settings, "extract");
}

/// Tells rows apart that are read more than once.
std::vector<std::string> DatabaseIntake::key() const {
  if (!source_.database->snapshot_key.empty()) {
    return source_.database->snapshot_key;
  }
  const auto& keys = context_.project.contracts[*source_.contract].keys;
  return keys.empty() ? std::vector<std::string>() : keys.front().columns;
}

/// A metastore that was made again knows landed files, but not how far they went.
Status DatabaseIntake::restore_position() {
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName table, lake::parse_table_name(source_.table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, context_.catalog.find_own(table));
  std::string property;
  if (entry) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            context_.catalog.load_location(entry->metadata_location));
    const auto said = metadata->properties.find(ingest::extract_property(source_.table));
    property = said == metadata->properties.end() ? "" : said->second;
  }
  return ingest::restore_extracts(context_.database, source_, property);
}

Result<std::optional<Stage>> DatabaseIntake::after_extract(const job::ExtractResult& extracted) {
  extracted_ = extracted;
  if (extracted_.rows == 0) {
    return std::optional<Stage>();
  }
  base::crash_point("run.extract.written");
  Stage stage;
  stage.name = "land";
  stage.request.limits.threads = 1;
  stage.request.limits.memory_bytes = kHashBytes;
  stage.task = [this](const std::stop_token&) -> Status {
    SLUICE_ASSIGN_OR_RETURN(content_, context_.files.hash(path_));
    return {};
  };
  return std::optional<Stage>(std::move(stage));
}

Status DatabaseIntake::land() {
  base::crash_point("run.extract.before_ledger");
  lake::LandedFile file;
  file.source = source_.table;
  file.sha256 = content_.sha256;
  file.original_name = ingest::extract_name(source_, after_, extracted_.upto);
  file.raw_path = path_;
  file.bytes = content_.bytes;
  file.modified_at_us = started_us_;
  file.landed_at_us = started_us_;
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(context_.database));
  // Rows that were deleted and came again byte for byte are another extract of the same content.
  SLUICE_ASSIGN_OR_RETURN(const auto twin,
                          lake::find_by_hash(context_.database, source_.table, content_.sha256));
  SLUICE_ASSIGN_OR_RETURN(file.seq, lake::next_seq(transaction, source_.table));
  if (twin) {
    file.seq = twin->seq;
  } else {
    SLUICE_RETURN_IF_ERROR(lake::insert_raw(transaction, file));
  }
  SLUICE_RETURN_IF_ERROR(ingest::insert_extract(
      transaction, source_.table,
      {file.seq, extracted_.identity, source_.database->cursor, extracted_.upto}));
  const Status landed = transaction.commit();
  if (!landed && landed.error().kind == base::ErrorKind::kCommitStateUnknown) {
    path_.clear();  // it may be the ledger's by now
  }
  SLUICE_RETURN_IF_ERROR(landed);
  base::crash_point("run.extract.after_ledger");
  if (twin) {
    summary_.notes.push_back(fmt::format("{} has the content of file {}, which is already in",
                                         file.original_name, twin->seq));
    SLUICE_RETURN_IF_ERROR(context_.files.remove(path_));
  }
  path_.clear();
  return {};
}

void DatabaseIntake::forget() {
  if (!path_.empty()) {
    (void)context_.files.remove(path_);  // the error that ended the run is what matters
  }
}

}  // namespace sluice::run
